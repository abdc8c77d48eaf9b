#include "doctor/silent_manager.hpp"

#include <algorithm>
#include <map>

#include "base/text/text.hpp"
#include "doctor/declaration.hpp"
#include "doctor/rules/rules.hpp"
#include "plan/managed_devices.hpp"
#include "plan/network_manager_endpoints.hpp"

namespace keeper::rules {

namespace {

/// A device and its live profile, for which NetworkManager makes endpoints as long as it finds
/// net.mptcp.enabled to be 1.
struct Asking {
    const Profile* profile = nullptr;
    MptcpFlags flags;
    std::vector<Endpoint> endpoints;
};

std::vector<Asking> profiles_that_ask(const Facts& facts) {
    std::vector<Asking> asking;
    if (!facts.host.network_manager) {
        return asking;
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
                asking.push_back({&profile, flags, std::move(endpoints)});
            }
        }
    }
    return asking;
}

bool is_there(const Facts& facts, const Endpoint& wanted) {
    const Endpoint* found = find_endpoint(facts.host, wanted.key);
    return found != nullptr && !found->is_implicit();
}

bool makes_none(const Facts& facts, const std::vector<Asking>& asking) {
    return facts.host.endpoints.is_known() &&
           std::none_of(asking.begin(), asking.end(), [&](const Asking& one) {
               return std::any_of(one.endpoints.begin(), one.endpoints.end(), [&](const Endpoint& wanted) {
                   return is_there(facts, wanted);
               });
           });
}

} // namespace

bool lacks_all_of_network_manager(const Facts& facts) {
    const std::vector<Asking> asking = profiles_that_ask(facts);
    return !asking.empty() && makes_none(facts, asking);
}

std::string declare_silent_profiles(const Facts& facts) {
    if (!lacks_all_of_network_manager(facts)) {
        return "";
    }
    std::map<std::string, MptcpFlags> by_uuid;
    for (const Asking& one : profiles_that_ask(facts)) {
        if (rule_for_flags(facts, *one.profile) == nullptr) { // else they are declared already
            by_uuid[one.profile->uuid] = one.flags.without(MptcpFlag::enabled);
        }
    }
    if (by_uuid.empty()) {
        return "";
    }
    std::string yaml = "\nprofiles:   # NetworkManager looks at the sysctl when it activates them";
    for (const auto& [uuid, flags] : by_uuid) {
        yaml += "\n  - match: {uuid: " + uuid + "}\n    mptcp-flags: [" + to_string(flags) + "]";
    }
    return yaml;
}

Findings silent_manager(const Facts& facts) {
    if (!is_enabled_now(facts.host) || !lacks_all_of_network_manager(facts)) {
        return {};
    }
    std::vector<std::string> addresses;
    std::string fix;
    bool is_drift = false;
    for (const Asking& one : profiles_that_ask(facts)) {
        for (const Endpoint& endpoint : one.endpoints) {
            addresses.push_back(to_string(endpoint.key) + " (profile " + one.profile->name + ")");
        }
        is_drift |= is_stored_otherwise(facts, *one.profile);
        fix += (fix.empty() ? "" : " && ") + std::string("nmcli connection up uuid ") + one.profile->uuid;
    }
    return {
        {FindingCode::nm_makes_no_endpoint,
         Severity::warning,
         "NetworkManager " + facts.host.network_manager->version,
         "none of the endpoints that live profiles ask for is there, although net.mptcp.enabled is 1 and the "
         "addresses are usable: " +
             joined(addresses, ", ") +
             "; another program removed them (ip mptcp endpoint flush), or net.mptcp.enabled was 0 when "
             "NetworkManager activated the profiles, and it reads it at no other time",
         is_drift ? "mptcp-keeper apply --only profiles" : fix}};
}

} // namespace keeper::rules
