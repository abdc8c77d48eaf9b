#include <charconv>

#include "diagnose/rules.hpp"
#include "plan/managed_devices.hpp"
#include "plan/network_manager_endpoints.hpp"
#include "plan/profile_match.hpp"

namespace keeper::rules {

namespace {

/// {1, 42} of "1.42.4".
std::pair<int, int> version_of(std::string_view text) {
    int major = 0;
    int minor = 0;
    const char* const end = text.data() + text.size();
    const char* next = std::from_chars(text.data(), end, major).ptr;
    if (next != end && *next == '.') {
        std::from_chars(next + 1, end, minor);
    }
    return {major, minor};
}

void check_version(const Facts& facts, Findings& findings) {
    const NetworkManagerState& manager = *facts.host.network_manager;
    const std::string subject = "NetworkManager " + manager.version;
    if (version_of(manager.version) < std::pair{1, 40}) {
        findings.push_back(
            {FindingCode::nm_too_old,
             Severity::warning,
             subject,
             "it does not know connection.mptcp-flags, 1.40 is the first that does: it makes no endpoints",
             "endpoints:\n  - {address: ADDRESS, interface: INTERFACE, flags: [subflow]}"});
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
            if (profile.skip_reason ||
                resolve(profile.stored, manager) == resolve(activation.live, manager)) {
                continue;
            }
            findings.push_back(
                {FindingCode::nm_flags_not_live,
                 Severity::warning,
                 activation.interface,
                 "profile " + profile.name + " is stored with mptcp-flags " + to_string(profile.stored) +
                     ", and the device runs with " + to_string(activation.live),
                 "nmcli connection up uuid " + profile.uuid});
        }
    }
}

void check_default(const Facts& facts, Findings& findings) {
    const NetworkManagerState& manager = *facts.host.network_manager;
    MptcpFlags built_in{MptcpFlag::enabled, MptcpFlag::subflow};
    if (version_of(manager.version) >= std::pair{1, 56}) {
        built_in = built_in.with(MptcpFlag::laminar);
    }
    if (manager.default_flags == built_in || version_of(manager.version) < std::pair{1, 40}) {
        return;
    }
    const bool off = !makes_endpoints(manager.default_flags);
    findings.push_back(
        {FindingCode::nm_conf_default,
         off ? Severity::warning : Severity::info,
         "NetworkManager.conf",
         "its [connection] section sets connection.mptcp-flags to " + to_string(manager.default_flags) +
             ": this is what a profile without flags of its own gets" +
             (off ? ", and NetworkManager makes no endpoint for it" : ""),
         "NetworkManager --print-config | grep mptcp-flags   # or say it for each profile:\nprofiles:\n  - "
         "match: {name: \"*\"}\n    mptcp-flags: [subflow]"});
}

} // namespace

Findings network_manager(const Facts& facts) {
    Findings findings;
    if (facts.host.network_manager) {
        check_version(facts, findings);
        check_live_flags(facts, findings);
        check_default(facts, findings);
    }
    return findings;
}

} // namespace keeper::rules
