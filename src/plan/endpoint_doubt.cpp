// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/endpoint_doubt.hpp"

#include <algorithm>

namespace keeper::planner {

namespace {

/// An interface has the address, but NetworkManager did not configure it and creates no endpoint for it.
bool is_configured_by_others(const ObservedState& observed, const IpAddress& address) {
    bool is_there = false;
    bool is_network_managers = false;
    for (const Link& link : observed.links.or_empty()) {
        for (const LinkAddress& found : link.addresses) {
            is_there = is_there || found.address == address;
            is_network_managers = is_network_managers || (found.address == address && found.no_prefix_route);
        }
    }
    return is_there && !is_network_managers;
}

bool is_unsettled(const NetworkManagerState& state, Ifindex ifindex) {
    if (std::find(state.unsettled.begin(), state.unsettled.end(), ifindex) != state.unsettled.end()) {
        return true;
    }
    const auto runs_on_it = [&](const Profile& profile) {
        return std::any_of(
            profile.activations.begin(), profile.activations.end(), [&](const auto& activation) {
                return activation.ifindex == ifindex;
            });
    };
    return state.is_starting && std::none_of(state.profiles.begin(), state.profiles.end(), runs_on_it);
}

/// The endpoint's own device, or one that has its address, is being activated.
bool is_on_unsettled_device(const ObservedState& observed, const Endpoint& existing) {
    const NetworkManagerState& state = *observed.network_manager;
    const auto is_one = [&](const Link& link) {
        return is_unsettled(state, link.ifindex) && find_address(link, existing.key.address) != nullptr;
    };
    const std::vector<Link>& links = *observed.links;
    return is_unsettled(state, existing.ifindex) || std::any_of(links.begin(), links.end(), is_one);
}

std::string why_not_asked(const Input& input) {
    if (input.scope.boot) {
        return "NetworkManager is not queried during boot";
    }
    if (input.scope.without_network_manager) {
        return "NetworkManager does not answer";
    }
    const std::string& error = input.observed.network_manager_error;
    return error.empty() ? "NetworkManager was not queried" : error;
}

} // namespace

std::optional<Doubt> doubt_about(const Input& input, const Endpoint& existing) {
    const ObservedState& observed = input.observed;
    const auto doubt = [](const std::string& reason, Actionability actionability) {
        return Doubt{"not changed, because it may belong to NetworkManager: " + reason, actionability};
    };
    if (existing.key.port != 0 || existing.ifindex == Ifindex{} || existing.is_implicit() ||
        is_configured_by_others(observed, existing.key.address)) {
        return std::nullopt;
    }
    if (!observed.network_manager) {
        return observed.network_manager_never_ran
                   ? std::nullopt
                   : std::optional(doubt(why_not_asked(input), Actionability::deferred));
    }
    if (!input.devices) {
        return doubt(input.devices.reason(), Actionability::blocked);
    }
    if (is_on_unsettled_device(observed, existing)) {
        return doubt("NetworkManager is activating its device", Actionability::deferred);
    }
    return std::nullopt;
}

} // namespace keeper::planner
