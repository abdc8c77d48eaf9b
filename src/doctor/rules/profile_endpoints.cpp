// SPDX-License-Identifier: LGPL-2.1-or-later
#include "doctor/profile_endpoints.hpp"

#include "base/text/join.hpp"
#include "doctor/declaration.hpp"
#include "doctor/rules/rules.hpp"
#include "plan/managed_devices.hpp"

/// Endpoints that NetworkManager does not create although active profiles require them.
namespace keeper::rules {

namespace {

constexpr const char* hidden_sysctl =
    "the mount namespace of NetworkManager hides /proc/sys/net/mptcp/enabled, so it assumes that MPTCP is "
    "disabled (`systemctl show NetworkManager` lists its InaccessiblePaths=)";
constexpr const char* stale_sysctl =
    "either another program removed them (ip mptcp endpoint flush), or net.mptcp.enabled was 0 when "
    "NetworkManager activated the profiles, the only time it reads the sysctl";

std::string activate_again(const Facts& facts, const std::vector<ProfileEndpoints>& required) {
    std::vector<std::string> commands;
    for (const ProfileEndpoints& one : required) {
        if (has_drifted(facts, *one.profile)) {
            return "mptcp-keeper apply --only profiles";
        }
        commands.push_back("nmcli connection up uuid " + one.profile->uuid);
    }
    return joined(commands, " && ");
}

/// With this flag the endpoints of a profile do not depend on the sysctl.
std::string ignore_sysctl(const Facts& facts, const std::vector<ProfileEndpoints>& required) {
    std::vector<std::string> commands;
    for (const ProfileEndpoints& one : required) {
        if (const ProfileRule* rule = rule_for_flags(facts, *one.profile)) {
            return "# add also-without-sysctl to the mptcp-flags at " + to_string(rule->source) +
                   ", then:\nmptcp-keeper apply --only profiles";
        }
        const std::string uuid = " uuid " + one.profile->uuid;
        commands.push_back("nmcli connection modify" + uuid + " +connection.mptcp-flags also-without-sysctl");
        commands.push_back("nmcli connection up" + uuid);
    }
    return joined(commands, " && ");
}

} // namespace

Findings profile_endpoints(const Facts& facts) {
    if (enabled_now(facts.host) != true || !lacks_all_profile_endpoints(facts)) {
        return {};
    }
    const std::vector<ProfileEndpoints> required = required_profile_endpoints(facts);
    std::vector<std::string> addresses;
    for (const ProfileEndpoints& one : required) {
        for (const Endpoint& endpoint : one.endpoints) {
            addresses.push_back(to_string(endpoint.key) + " (profile " + one.profile->name + ")");
        }
    }
    // What a security module denies to NetworkManager does not show in its mounts.
    const bool is_hidden = facts.enabled_for_network_manager && *facts.enabled_for_network_manager != "1";
    return {
        {.code = FindingCode::nm_makes_no_endpoint,
         .severity = Severity::warning,
         .subject = "NetworkManager " + facts.host.network_manager->version,
         .evidence = "none of the endpoints that active profiles require exists, although net.mptcp.enabled "
                     "is 1 and the addresses are usable: " +
                     joined(addresses, ", ") + "; " + (is_hidden ? hidden_sysctl : stale_sysctl),
         .fix = is_hidden ? ignore_sysctl(facts, required) : activate_again(facts, required)}};
}

} // namespace keeper::rules
