// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/premature_endpoints.hpp"

#include <algorithm>

namespace keeper {

namespace {

bool is_among(const std::vector<Ifindex>& all, Ifindex one) {
    return std::find(all.begin(), all.end(), one) != all.end();
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
        const bool is_unsettled = network_manager && is_among(network_manager->unsettled, link.ifindex);
        for (const LinkAddress& address : link.addresses) {
            if (address.is_usable()) {
                usable_.insert(address.address);
            }
            if (is_unsettled || lacks_profiles) {
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
