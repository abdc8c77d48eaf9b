// SPDX-License-Identifier: LGPL-2.1-or-later
#include "doctor/profile_endpoints.hpp"

#include <algorithm>
#include <map>

#include "doctor/declaration.hpp"
#include "plan/managed_devices.hpp"
#include "plan/network_manager_endpoints.hpp"

namespace keeper::rules {

namespace {

bool exists(const Facts& facts, const Endpoint& required) {
    const Endpoint* found = find_endpoint(facts.host, required.key);
    return found != nullptr && !found->is_implicit();
}

bool has_any(const Facts& facts, const ProfileEndpoints& required) {
    return std::any_of(required.endpoints.begin(), required.endpoints.end(), [&](const Endpoint& endpoint) {
        return exists(facts, endpoint);
    });
}

} // namespace

std::vector<ProfileEndpoints> required_profile_endpoints(const Facts& facts) {
    std::vector<ProfileEndpoints> required;
    if (!facts.host.network_manager) {
        return required;
    }
    const NetworkManagerState& manager = *facts.host.network_manager;
    for (const Profile& profile : manager.profiles) {
        for (const ProfileActivation& activation : profile.activations) {
            const Link* link = find_link(facts.host, activation.ifindex);
            const MptcpFlags flags = resolve(activation.live, activation, manager);
            if (profile.skip_reason || link == nullptr || flags.has(MptcpFlag::also_without_sysctl)) {
                continue;
            }
            auto endpoints = endpoints_by_network_manager(flags, *link, true);
            if (!endpoints.empty()) {
                required.push_back({.profile = &profile, .flags = flags, .endpoints = std::move(endpoints)});
            }
        }
    }
    return required;
}

bool lacks_all_profile_endpoints(const Facts& facts) {
    const std::vector<ProfileEndpoints> required = required_profile_endpoints(facts);
    return !required.empty() && facts.host.endpoints.is_known() &&
           std::none_of(required.begin(), required.end(), [&](const ProfileEndpoints& one) {
               return has_any(facts, one);
           });
}

std::string redeclare_profiles(const Facts& facts) {
    if (!lacks_all_profile_endpoints(facts)) {
        return "";
    }
    std::map<std::string, MptcpFlags> by_uuid;
    for (const ProfileEndpoints& one : required_profile_endpoints(facts)) {
        if (rule_for_flags(facts, *one.profile) == nullptr) { // otherwise they are declared already
            by_uuid[one.profile->uuid] = one.flags.without(MptcpFlag::enabled);
        }
    }
    if (by_uuid.empty()) {
        return "";
    }
    std::string yaml = "\nprofiles:   # NetworkManager reads the sysctl when it activates a profile";
    for (const auto& [uuid, flags] : by_uuid) {
        yaml += "\n  - match: {uuid: " + uuid + "}\n    mptcp-flags: [" + to_string(flags) + "]";
    }
    return yaml;
}

} // namespace keeper::rules
