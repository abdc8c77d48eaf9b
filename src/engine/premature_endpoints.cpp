// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/premature_endpoints.hpp"

#include <algorithm>

namespace keeper {

namespace {

/// A profile may be being activated on the device, and it is not known which.
bool has_unknown_profile(const NetworkManagerState& state, Ifindex ifindex) {
    const auto runs_on_it = [ifindex](const Profile& profile) {
        return std::any_of(profile.activations.begin(), profile.activations.end(), [&](const auto& one) {
            return one.ifindex == ifindex;
        });
    };
    const auto& unsettled = state.unsettled;
    return std::find(unsettled.begin(), unsettled.end(), ifindex) != unsettled.end() &&
           std::none_of(state.profiles.begin(), state.profiles.end(), runs_on_it);
}

} // namespace

void PrematureEndpoints::update(const ObservedState& state) {
    if (!state.links || !state.endpoints) {
        return;
    }
    const auto& network_manager = state.network_manager;
    const bool lacks_profiles =
        !network_manager && !state.network_manager_is_absent && !state.network_manager_never_ran;
    usable_.clear();
    of_unknown_profile_.clear();
    for (const Link& link : *state.links) {
        const bool is_unknown =
            lacks_profiles || (network_manager && has_unknown_profile(*network_manager, link.ifindex));
        for (const LinkAddress& address : link.addresses) {
            if (address.is_usable()) {
                usable_.insert(address.address);
            }
            if (is_unknown) {
                of_unknown_profile_.insert(address.address);
            }
        }
    }
    const std::vector<Endpoint>& endpoints = *state.endpoints;
    for (const Endpoint& endpoint : endpoints) {
        if (!endpoint.is_implicit() && usable_.count(endpoint.key.address) == 0) {
            keys_.insert(endpoint.key);
        }
    }
    std::erase_if(keys_, [&](const SocketAddress& key) {
        return std::none_of(endpoints.begin(), endpoints.end(), [&](const Endpoint& endpoint) {
            return endpoint.key == key;
        });
    });
}

void PrematureEndpoints::forget_tried(const DesiredState& desired) {
    std::erase_if(keys_, [&](const SocketAddress& key) {
        const bool was_planned =
            desired.endpoints.count(key) != 0 || of_unknown_profile_.count(key.address) == 0;
        return was_planned && usable_.count(key.address) != 0;
    });
}

} // namespace keeper
