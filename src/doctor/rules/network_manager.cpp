#include <algorithm>

#include "base/text/text.hpp"
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
        const bool does_without = !configured_endpoints(facts).empty();
        findings.push_back(
            {FindingCode::nm_too_old,
             does_without ? Severity::info : Severity::warning,
             subject,
             std::string("it does not know connection.mptcp-flags, 1.40 is the first that does: it makes no "
                         "endpoints") +
                 (does_without ? "; those that are there come from elsewhere" : ""),
             propose_endpoints(facts, flags_for_role(facts)) + comment_on_role(facts)});
        return;
    }
    if (!facts.desired) {
        return;
    }
    for (const ProfileRule& rule : facts.desired->profiles) {
        const auto problem = rule.flags ? unsupported_flag(*rule.flags, manager) : std::nullopt;
        if (problem) {
            findings.push_back(
                {FindingCode::nm_too_old,
                 Severity::warning,
                 subject,
                 to_string(rule.source) + ": " + *problem,
                 "profiles:\n  - match: ...\n    mptcp-flags: [" +
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
                {FindingCode::nm_flags_not_live,
                 Severity::warning,
                 activation.interface,
                 "profile " + profile.name + " is stored with mptcp-flags " + to_string(profile.stored) +
                     ", and the device runs with " + to_string(activation.live),
                 is_stored_otherwise(facts, profile) ? "mptcp-keeper apply --only profiles"
                                                     : "nmcli connection up uuid " + profile.uuid});
        }
    }
}

/// A rule for the profiles that the default decides. The last rule that matches wins: where others are
/// declared, this one must name the profiles that it is for.
std::string rule_for_default(const Facts& facts) {
    const MptcpFlags wanted = profile_flags_for_role(facts);
    const std::string flags = "\n    mptcp-flags: [" + joined(names(wanted), ", ") + "]";
    constexpr const char* place = "NetworkManager --print-config | grep mptcp-flags";
    std::string match = "name: \"*\"";
    if (facts.desired && !(facts.desired->profiles.empty() && facts.desired->endpoints.empty())) {
        std::vector<std::string> uuids;
        for (const Profile& profile : facts.host.network_manager->profiles) {
            if (!profile.skip_reason && profile.stored.empty() && rule_for_flags(facts, profile) == nullptr &&
                !meets_an_entry(facts, profile, wanted)) {
                uuids.push_back(profile.uuid);
            }
        }
        if (uuids.empty()) {
            return std::string(place) + "   # what is declared decides for every profile";
        }
        match = "uuid: [" + joined(uuids, ", ") + "]";
    }
    return std::string("profiles:   # or change that line: ") + place + "\n  - match: {" + match + "}" +
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
    const bool makes_none = !makes_endpoints(manager.default_flags);
    const bool off =
        makes_none &&
        std::any_of(manager.profiles.begin(), manager.profiles.end(), [](const Profile& profile) {
            return !profile.skip_reason && profile.stored.empty();
        });
    findings.push_back(
        {FindingCode::nm_conf_default,
         off ? Severity::warning : Severity::info,
         "NetworkManager.conf",
         "its [connection] section sets connection.mptcp-flags to " + to_string(manager.default_flags) +
             ": this is what a profile without flags of its own gets" +
             (makes_none ? ", and NetworkManager makes no endpoint for it" : "") +
             (makes_none && !off ? "; every profile has flags of its own" : ""),
         rule_for_default(facts)});
}

std::string rule_for_device(const Facts& facts, const Profile& profile) {
    const ProfileRule* rule = rule_for_flags(facts, profile);
    if (rule != nullptr) {
        return rule->flags ? "mptcp-keeper apply --only profiles   # " + to_string(rule->source) +
                                 " declares flags for it"
                           : "NetworkManager --print-config   # " + to_string(rule->source) +
                                 " leaves the profile as it is";
    }
    if (meets_an_entry(facts, profile, profile_flags_for_role(facts))) {
        return "NetworkManager --print-config   # an address of the profile is declared under endpoints";
    }
    return "profiles:   # or change that section: NetworkManager --print-config\n  - match: {uuid: " +
           profile.uuid + "}\n    mptcp-flags: [" + joined(names(profile_flags_for_role(facts)), ", ") + "]";
}

/// Sections with match-device set defaults for some devices alone.
void check_device_defaults(const Facts& facts, Findings& findings) {
    for (const Profile& profile : facts.host.network_manager->profiles) {
        for (const ProfileActivation& activation : profile.activations) {
            if (profile.skip_reason || !activation.default_flags || !profile.stored.empty()) {
                continue;
            }
            const MptcpFlags flags = *activation.default_flags;
            const bool off = !makes_endpoints(flags);
            findings.push_back(
                {FindingCode::nm_conf_default,
                 off ? Severity::warning : Severity::info,
                 activation.interface,
                 "a section of NetworkManager.conf with match-device sets connection.mptcp-flags to " +
                     to_string(flags) + " for this device, and profile " + profile.name +
                     " has no flags of its own" + (off ? ": NetworkManager makes no endpoint for it" : ""),
                 rule_for_device(facts, profile)});
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
