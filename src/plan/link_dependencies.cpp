// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/link_dependencies.hpp"

#include <algorithm>

namespace keeper {

LinkDependencies::LinkDependencies(
    const DesiredState& desired, const ObservedState& observed, const Ownership& ownership) {
    for (const auto& [key, endpoint] : desired.endpoints) {
        addresses_.insert(key.address);
        if (endpoint.interface) {
            names_.insert(*endpoint.interface);
        }
    }
    const auto add_keys = [this](const auto& recorded) {
        for (const auto& [key, item] : recorded) {
            addresses_.insert(key.address);
        }
    };
    add_keys(ownership.endpoints);
    add_keys(ownership.stand_ins);
    add_keys(ownership.displaced);
    for (const Endpoint& endpoint : observed.endpoints.or_empty()) {
        // The kernel adds implicit ones itself and removes them with their connections.
        if (!endpoint.is_implicit()) {
            addresses_.insert(endpoint.key.address);
            ifindexes_.insert(endpoint.ifindex);
        }
    }
    ifindexes_.erase(Ifindex{});
    if (observed.network_manager) {
        for (const Profile& profile : observed.network_manager->profiles) {
            for (const ProfileActivation& activation : profile.activations) {
                if (!profile.skip_reason) {
                    ifindexes_.insert(activation.ifindex);
                    has_devices_ = true;
                }
            }
        }
        // Their addresses and endpoints appear before the activation is complete.
        const std::vector<Ifindex>& activating = observed.network_manager->activating;
        ifindexes_.insert(activating.begin(), activating.end());
        has_devices_ = has_devices_ || !activating.empty();
    }
    for (const Link& link : observed.links.or_empty()) {
        const auto has_name = [this](const std::string& name) { return names_.count(name) != 0; };
        const auto has_address = [this](const LinkAddress& one) {
            return addresses_.count(one.address) != 0;
        };
        if (has_name(link.name) ||
            std::any_of(link.alternative_names.begin(), link.alternative_names.end(), has_name) ||
            std::any_of(link.addresses.begin(), link.addresses.end(), has_address)) {
            ifindexes_.insert(link.ifindex);
        }
    }
}

bool LinkDependencies::concern(const LinkChange& change) const {
    if (change.ifindex == Ifindex{} && change.name.empty() && !change.address) {
        return has_devices_; // a default route that names no interface
    }
    return ifindexes_.count(change.ifindex) != 0 ||
           (change.address && addresses_.count(*change.address) != 0) ||
           (!change.name.empty() && names_.count(change.name) != 0);
}

} // namespace keeper
