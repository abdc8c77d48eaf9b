// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "plan/apply_report.hpp"
#include "plan/plan.hpp"

/// One change of each form that the reports show.
namespace keeper::report_fixture {

inline Change sysctl_change() {
    Change change;
    change.resource = Resource::sysctl;
    change.key = "net.mptcp.enabled";
    change.before = std::string("0");
    change.after = std::string("1");
    change.source = "/etc/mptcp-keeper/config.yaml:3";
    change.action = SetSysctl{"enabled", "1"};
    return change;
}

inline Change limit_change() {
    Change change;
    change.resource = Resource::limit;
    change.key = "subflows";
    change.before = std::uint32_t{2};
    change.after = std::uint32_t{9};
    change.source = "/etc/mptcp-keeper/config.yaml:6";
    change.actionability = Actionability::blocked;
    change.note = "the kernel takes 8 at most";
    return change;
}

inline Change added_endpoint() {
    Change change;
    change.resource = Resource::endpoint;
    change.key = "198.51.100.1:4000";
    change.after = EndpointValue{"enp1s0", {EndpointFlag::signal}, {5}};
    change.source = "/etc/mptcp-keeper/config.yaml:9";
    change.note = "by netlink";
    return change;
}

inline Change removed_endpoint() {
    Change change;
    change.resource = Resource::endpoint;
    change.key = "2001:db8::1";
    change.before = EndpointValue{"", {EndpointFlag::subflow, EndpointFlag::backup}, {}};
    change.source = "/etc/mptcp-keeper/config.yaml:10";
    change.impact = Impact::connections_may_close;
    change.connections_affected = 1;
    change.note = "by netlink";
    return change;
}

inline Change profile_change() {
    Change change;
    change.resource = Resource::profile;
    change.key = "9a1c3d3e-0000-4000-8000-000000000001";
    change.name = "wan küche";
    change.before = MptcpFlags{};
    change.after = MptcpFlags{MptcpFlag::signal, MptcpFlag::subflow};
    change.source = "/etc/mptcp-keeper/conf.d/10-wan.yaml:2";
    change.impact = Impact::subflows_rebuilt;
    change.connections_affected = 3;
    change.note = "profile changed in place; reapply on enp4s0";
    return change;
}

inline Change deferred_endpoint() {
    Change change;
    change.resource = Resource::endpoint;
    change.key = "192.0.2.9";
    change.after = EndpointValue{"enp7s0", {EndpointFlag::subflow}, {}};
    change.source = "/etc/mptcp-keeper/config.yaml:12";
    change.actionability = Actionability::deferred;
    change.note = "waits until enp7s0 has the address";
    return change;
}

inline Plan plan() {
    Plan plan;
    plan.changes = {
        sysctl_change(),
        limit_change(),
        added_endpoint(),
        removed_endpoint(),
        profile_change(),
        deferred_endpoint()};
    plan.warnings = {"a warning of the plan"};
    return plan;
}

inline ApplyReport apply_report() {
    ApplyReport report;
    report.changed = true;
    report.failed = true;
    report.changes = {
        {sysctl_change(), Outcome::applied, ""},
        {limit_change(), Outcome::failed, "the kernel takes 8 at most"},
        {profile_change(), Outcome::reverted, ""},
        {deferred_endpoint(), Outcome::deferred, ""}};
    report.warnings = {"a warning of the apply"};
    return report;
}

} // namespace keeper::report_fixture
