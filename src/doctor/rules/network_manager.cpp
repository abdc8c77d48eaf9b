// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "base/text/join.hpp"
#include "doctor/declaration.hpp"
#include "doctor/fixes.hpp"
#include "doctor/rules/rules.hpp"
#include "plan/managed_devices.hpp"
#include "plan/network_manager_endpoints.hpp"
#include "plan/profile_match.hpp"

namespace keeper::rules {

namespace {

void check_version(const Facts& facts, Findings& findings) {
    const NetworkManagerState& manager = *facts.host.network_manager;
    const std::string subject = "NetworkManager " + manager.version;
    if (!knows_mptcp_flags(manager)) {
        const bool has_endpoints = !configured_endpoints(facts).empty();
        findings.push_back(
            {.code = FindingCode::nm_too_old,
             .severity = has_endpoints ? Severity::info : Severity::warning,
             .subject = subject,
             .evidence = std::string("it does not support connection.mptcp-flags, which 1.40 introduced: it "
                                     "creates no endpoints") +
                         (has_endpoints ? "; the existing ones come from other programs" : ""),
             .fix = propose_endpoints(facts, flags_for_role(facts)) + role_comment(facts)});
        return;
    }
    if (!facts.desired) {
        return;
    }
    for (const ProfileRule& rule : facts.desired->profiles) {
        const auto problem = rule.flags ? unsupported_flag(*rule.flags, manager) : std::nullopt;
        if (problem) {
            findings.push_back(
                {.code = FindingCode::nm_too_old,
                 .severity = Severity::warning,
                 .subject = subject,
                 .evidence = to_string(rule.source) + ": " + *problem,
                 .fix = "profiles:\n  - match: ...\n    mptcp-flags: [" +
                        to_string(rule.flags->without(MptcpFlag::laminar)) + "]"});
        }
    }
}

void check_live_flags(const Facts& facts, Findings& findings) {
    const NetworkManagerState& manager = *facts.host.network_manager;
    for (const Profile& profile : manager.profiles) {
        for (const ProfileActivation& activation : profile.activations) {
            if (profile.skip_reason || resolve(profile.stored, activation, manager) ==
                                           resolve(activation.live, activation, manager)) {
                continue;
            }
            findings.push_back(
                {.code = FindingCode::nm_flags_not_live,
                 .severity = Severity::warning,
                 .subject = activation.interface,
                 .evidence = "profile " + profile.name + " is stored with mptcp-flags " +
                             to_string(profile.stored) + ", but the device runs with " +
                             to_string(activation.live),
                 .fix = has_drifted(facts, profile) ? "mptcp-keeper apply --only profiles"
                                                    : "nmcli connection up uuid " + profile.uuid});
        }
    }
}

/// A rule for the profiles without flags of their own. The last matching rule wins: if the configuration has
/// other rules, this one must name its profiles.
std::string rule_for_default(const Facts& facts) {
    const MptcpFlags wanted = profile_flags_for_role(facts);
    const std::string flags = "\n    mptcp-flags: [" + joined(names(wanted), ", ") + "]";
    constexpr const char* show_config = "NetworkManager --print-config | grep mptcp-flags";
    std::string match = "name: \"*\"";
    if (facts.desired && !(facts.desired->profiles.empty() && facts.desired->endpoints.empty())) {
        std::vector<std::string> uuids;
        for (const Profile& profile : facts.host.network_manager->profiles) {
            if (!profile.skip_reason && profile.stored.empty() && rule_for_flags(facts, profile) == nullptr &&
                !conflicts_with_entry(facts, profile, wanted)) {
                uuids.push_back(profile.uuid);
            }
        }
        if (uuids.empty()) {
            return std::string(show_config) + "   # the configuration decides the flags of every profile";
        }
        match = "uuid: [" + joined(uuids, ", ") + "]";
    }
    return std::string("profiles:   # or change that line: ") + show_config + "\n  - match: {" + match + "}" +
           flags;
}

void check_default(const Facts& facts, Findings& findings) {
    const NetworkManagerState& manager = *facts.host.network_manager;
    MptcpFlags built_in{MptcpFlag::enabled, MptcpFlag::subflow};
    if (!is_older(manager.version, 1, 56)) {
        built_in = built_in.with(MptcpFlag::laminar);
    }
    if (manager.default_flags == built_in || !knows_mptcp_flags(manager)) {
        return;
    }
    const bool creates_none = !makes_endpoints(manager.default_flags);
    const bool has_effect =
        creates_none &&
        std::any_of(manager.profiles.begin(), manager.profiles.end(), [](const Profile& profile) {
            return !profile.skip_reason && profile.stored.empty();
        });
    findings.push_back(
        {.code = FindingCode::nm_conf_default,
         .severity = has_effect ? Severity::warning : Severity::info,
         .subject = "NetworkManager.conf",
         .evidence = "its [connection] section sets connection.mptcp-flags to " +
                     to_string(manager.default_flags) + " for all profiles without flags of their own" +
                     (creates_none ? ": NetworkManager creates no endpoints for those" : "") +
                     (creates_none && !has_effect ? "; every profile has its own flags" : ""),
         .fix = rule_for_default(facts)});
}

std::string rule_for_device(const Facts& facts, const Profile& profile) {
    const ProfileRule* rule = rule_for_flags(facts, profile);
    if (rule != nullptr) {
        return rule->flags ? "mptcp-keeper apply --only profiles   # " + to_string(rule->source) +
                                 " declares flags for it"
                           : "NetworkManager --print-config   # " + to_string(rule->source) +
                                 " leaves the profile untouched";
    }
    if (conflicts_with_entry(facts, profile, profile_flags_for_role(facts))) {
        return "NetworkManager --print-config   # the endpoints section declares an address of the profile";
    }
    return "profiles:   # or change that section: NetworkManager --print-config\n  - match: {uuid: " +
           profile.uuid + "}\n    mptcp-flags: [" + joined(names(profile_flags_for_role(facts)), ", ") + "]";
}

/// Sections with match-device set defaults for certain devices.
void check_device_defaults(const Facts& facts, Findings& findings) {
    for (const Profile& profile : facts.host.network_manager->profiles) {
        for (const ProfileActivation& activation : profile.activations) {
            if (profile.skip_reason || !activation.default_flags || !profile.stored.empty()) {
                continue;
            }
            const MptcpFlags flags = *activation.default_flags;
            const bool creates_none = !makes_endpoints(flags);
            findings.push_back(
                {.code = FindingCode::nm_conf_default,
                 .severity = creates_none ? Severity::warning : Severity::info,
                 .subject = activation.interface,
                 .evidence =
                     "a section of NetworkManager.conf with match-device sets connection.mptcp-flags to " +
                     to_string(flags) + " for this device, and profile " + profile.name +
                     " has no flags of its own" +
                     (creates_none ? ": NetworkManager creates no endpoints for it" : ""),
                 .fix = rule_for_device(facts, profile)});
        }
    }
}

} // namespace

Findings network_manager(const Facts& facts) {
    Findings findings;
    if (facts.host.network_manager) {
        check_version(facts, findings);
        check_live_flags(facts, findings);
        check_default(facts, findings);
        check_device_defaults(facts, findings);
    }
    return findings;
}

} // namespace keeper::rules
