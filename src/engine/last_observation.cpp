// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/last_observation.hpp"

#include <algorithm>

#include "engine/resource_sections.hpp"
#include "plan/profile_dependencies.hpp"

namespace keeper {

void LastObservation::note_that_no_item_needs_links() {
    dependencies_ = LinkDependencies();
    needs_links_ = false;
}

void LastObservation::update(const DesiredState& desired, const Scope& scope, const Observation& found) {
    record_ = found.ownership;
    if (!covers(scope, Resource::endpoint)) {
        return;
    }
    needs_links_ = true;
    const ObservedState& state = found.state;
    enabled_ = enabled_now(state);
    links_ = state.links.or_empty();
    if (!scope.without_network_manager) {
        network_manager_ = state.network_manager;
    }
    // If NetworkManager could not be read, items may wait for it, and any change may be a sign of it.
    const bool lacks_network_manager =
        !network_manager_ && !state.network_manager_never_ran && !state.network_manager_is_absent;
    if (!state.links || !state.endpoints || lacks_network_manager) {
        dependencies_.reset();
        return;
    }
    if (state.network_manager || !network_manager_) {
        dependencies_ = LinkDependencies(desired, state, found.ownership);
        return;
    }
    ObservedState combined = state;
    combined.network_manager = network_manager_;
    dependencies_ = LinkDependencies(desired, combined, found.ownership);
}

bool LastObservation::is_concerned_by(const LinkChange& change) const {
    return !dependencies_ || dependencies_->concern(change);
}

bool LastObservation::is_concerned_by(const NetworkManagerState& now, const DesiredState& desired) const {
    return !dependencies_ || !network_manager_ || !record_ ||
           differ_in_effect(*network_manager_, now, desired, *record_, *dependencies_);
}

bool LastObservation::differs_in_enabled(const ObservedState& now) const {
    return needs_links_ && now.sysctls && enabled_now(now) != enabled_;
}

std::set<Ifindex> LastObservation::active_devices() const {
    std::set<Ifindex> result;
    if (!network_manager_) {
        return result;
    }
    for (const Profile& profile : network_manager_->profiles) {
        for (const ProfileActivation& activation : profile.activations) {
            if (!profile.skip_reason) {
                result.insert(activation.ifindex);
            }
        }
    }
    return result;
}

std::set<Ifindex> LastObservation::devices_of_difference(
    const std::vector<Endpoint>& before, const std::vector<Endpoint>& after) const {
    std::set<Ifindex> result;
    std::set<IpAddress> addresses;
    const auto add_missing = [&](const std::vector<Endpoint>& from, const std::vector<Endpoint>& in) {
        for (const Endpoint& endpoint : from) {
            if (std::find(in.begin(), in.end(), endpoint) == in.end()) {
                addresses.insert(endpoint.key.address);
                result.insert(endpoint.ifindex);
            }
        }
    };
    if (before == after) {
        return result;
    }
    add_missing(before, after);
    add_missing(after, before);
    for (const Link& link : links_) {
        for (const LinkAddress& one : link.addresses) {
            if (addresses.count(one.address) != 0) {
                result.insert(link.ifindex);
            }
        }
    }
    result.erase(Ifindex{});
    return result;
}

} // namespace keeper
