// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <array>
#include <set>

#include <gtest/gtest.h>

#include "config/config.hpp"
#include "doctor/doctor.hpp"
#include "plan/network_manager_endpoints.hpp"
#include "plan/plan.hpp"

/// Simulates applying the YAML that a finding proposes.
namespace keeper::doctor_test {

/// Whether the fix is complete YAML, without placeholders in capitals. YAML about programs does not count:
/// they are not simulated.
inline bool can_be_pasted(const Finding& finding) {
    const auto contains = [&](const char* word) { return finding.fix.find(word) != std::string::npos; };
    const auto begins = [&](const char* section) { return finding.fix.starts_with(section); };
    return (begins("sysctl:") || begins("limits:") || begins("endpoints:") || begins("profiles:")) &&
           !contains("ADDRESS") && !contains("INTERFACE") && !contains("GATEWAY") && !contains("match: ...");
}

inline void add_as_kernel(ObservedState& host, Endpoint endpoint) {
    if (endpoint.id.value == 0) {
        std::set<int> taken;
        for (const Endpoint& one : *host.endpoints) {
            taken.insert(one.id.value);
        }
        int id = 1;
        while (taken.contains(id)) {
            ++id;
        }
        endpoint.id = EndpointId{static_cast<std::uint8_t>(id)};
    }
    host.endpoints->push_back(endpoint);
}

inline void remove_as_kernel(ObservedState& host, const SocketAddress& key) {
    std::erase_if(*host.endpoints, [&](const Endpoint& endpoint) { return endpoint.key == key; });
}

/// NetworkManager activates the profile with its new flags.
inline void activate(ObservedState& host, const ChangeProfile& change) {
    for (Profile& profile : host.network_manager->profiles) {
        if (profile.uuid != change.uuid) {
            continue;
        }
        profile.stored = change.stored;
        for (ProfileActivation& activation : profile.activations) {
            const Link* link = find_link(host, activation.ifindex);
            const auto made = [&](MptcpFlags flags) {
                return endpoints_by_network_manager(
                    resolve(flags, activation, *host.network_manager), *link, true);
            };
            for (const Endpoint& endpoint : made(activation.live)) {
                remove_as_kernel(host, endpoint.key);
            }
            activation.live = change.stored;
            for (const Endpoint& endpoint : made(activation.live)) {
                remove_as_kernel(host, endpoint.key);
                add_as_kernel(host, endpoint);
            }
        }
    }
}

inline void carry_out(ObservedState& host, const Change& change) {
    if (const auto* sysctl = std::get_if<SetSysctl>(&change.action)) {
        (*host.sysctls)[sysctl->name] = sysctl->value;
    } else if (const auto* limit = std::get_if<SetLimit>(&change.action)) {
        host.limits->subflows = limit->patch.subflows.value_or(host.limits->subflows);
        host.limits->add_addr_accepted =
            limit->patch.add_addr_accepted.value_or(host.limits->add_addr_accepted);
    } else if (const auto* added = std::get_if<AddEndpoint>(&change.action)) {
        add_as_kernel(host, added->endpoint);
    } else if (const auto* removed = std::get_if<RemoveEndpoint>(&change.action)) {
        remove_as_kernel(host, removed->endpoint.key);
    } else if (const auto* replaced = std::get_if<ReplaceEndpoint>(&change.action)) {
        remove_as_kernel(host, replaced->from.key);
        add_as_kernel(host, replaced->to);
    } else if (const auto* flags = std::get_if<SetEndpointFlags>(&change.action)) {
        remove_as_kernel(host, flags->from.key);
        add_as_kernel(host, flags->to);
    } else if (const auto* profile = std::get_if<ChangeProfile>(&change.action)) {
        activate(host, *profile);
    }
}

/// Whether the finding depends on the present state alone, not on counters or existing connections.
inline bool depends_on_state(FindingCode code) {
    constexpr std::array<FindingCode, 13> lasting{
        FindingCode::join_rejected,
        FindingCode::join_blocked,
        FindingCode::middlebox_rewrites,
        FindingCode::all_subflows_backup,
        FindingCode::peer_address_closed,
        FindingCode::disable_breaks_programs,
        FindingCode::app_uses_tcp,
        FindingCode::preload_ineffective,
        FindingCode::go_program,
        FindingCode::socket_unit_tcp,
        FindingCode::recipe_leftover,
        FindingCode::mptcp_disabled,
        FindingCode::nm_too_old};
    return std::find(lasting.begin(), lasting.end(), code) == lasting.end();
}

/// The YAML is valid, the plan can carry it out, and afterwards the finding is gone and no other has
/// appeared: findings and plan agree.
inline void expect_that_the_fix_holds(const Facts& facts, const Diagnosis& before, const Finding& finding) {
    SCOPED_TRACE(std::string(to_string(finding.code)) + " " + finding.subject + "\n" + finding.fix);
    const LoadedConfig config = parse_config({{"pasted", finding.fix}});
    ASSERT_TRUE(config.valid()) << config.errors.front().message;
    Scope scope;
    scope.sections.erase(Section::units);
    scope.sections.erase(Section::program_hook);
    const Plan plan = make_plan(config.desired, facts.host, {}, scope);
    Facts then = facts;
    then.desired = config.desired;
    for (const Change& change : plan.changes) {
        EXPECT_NE(change.actionability, Actionability::blocked) << change.note;
        carry_out(then.host, change);
    }
    for (const Endpoint& endpoint : *then.host.endpoints) {
        const auto is_known = [&](const RouteFact& route) { return route.endpoint == endpoint.key; };
        if (std::none_of(then.routes.begin(), then.routes.end(), is_known)) {
            then.routes.push_back({endpoint.key, true, endpoint.ifindex, ""});
        }
    }
    const auto has = [](const std::vector<Finding>& findings, FindingCode code, const std::string& subject) {
        return std::any_of(findings.begin(), findings.end(), [&](const Finding& one) {
            return one.code == code && (subject.empty() || one.subject == subject) &&
                   one.severity != Severity::info;
        });
    };
    const Diagnosis after = diagnose(then);
    if (depends_on_state(finding.code)) {
        EXPECT_FALSE(has(after.findings, finding.code, finding.subject)) << "it is still reported";
    }
    for (const Finding& one : after.findings) {
        EXPECT_TRUE(one.severity == Severity::info || has(before.findings, one.code, ""))
            << "the fix leads to " << to_string(one.code) << ": " << one.subject << ": " << one.evidence;
    }
}

/// The diagnosis of these facts, after applying each of its fixes.
inline Diagnosis diagnose_and_try_fixes(const Facts& facts) {
    Diagnosis diagnosis = diagnose(facts);
    for (const Finding& finding : diagnosis.findings) {
        if (facts.host.mptcp_supported && can_be_pasted(finding)) {
            expect_that_the_fix_holds(facts, diagnosis, finding);
        }
    }
    return diagnosis;
}

} // namespace keeper::doctor_test
