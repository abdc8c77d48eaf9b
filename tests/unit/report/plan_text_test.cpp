// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "report/plan_text.hpp"
#include "support/report_fixture.hpp"

namespace keeper {
namespace {

TEST(PlanText, ShowsTheSourceMeansAndImpactOfEachChange) {
    EXPECT_EQ(plan_text(report_fixture::plan(), Colour::never), R"(~ net.mptcp.enabled: 0 → 1
    /etc/mptcp-keeper/config.yaml:3
✗ limit subflows: 2 → 9  cannot be applied
    /etc/mptcp-keeper/config.yaml:6 · the kernel takes 8 at most
+ endpoint 198.51.100.1:4000: none → signal on enp1s0 id 5
    /etc/mptcp-keeper/config.yaml:9 · by netlink
- endpoint 2001:db8::1: subflow,backup → none
    /etc/mptcp-keeper/config.yaml:10 · by netlink
    may close 1 live connection
~ profile wan küche: default → signal,subflow
    /etc/mptcp-keeper/conf.d/10-wan.yaml:2 · profile changed in place; reapply on enp4s0
    rebuilds subflows of 3 live connections
… endpoint 192.0.2.9: none → subflow on enp7s0  deferred
    /etc/mptcp-keeper/config.yaml:12 · waits until enp7s0 has the address
4 changes to make, 1 cannot be applied, 1 deferred; live connections may close
)");
}

TEST(PlanText, OfAnEmptyPlanIsOneLine) {
    EXPECT_EQ(plan_text(Plan{}, Colour::never), "in sync, nothing to do\n");
}

TEST(PlanText, ReportsThatNoConnectionIsAffected) {
    Plan plan;
    plan.changes = {report_fixture::sysctl_change()};
    EXPECT_EQ(
        plan_text(plan, Colour::never),
        "~ net.mptcp.enabled: 0 → 1\n"
        "    /etc/mptcp-keeper/config.yaml:3\n"
        "1 change to make; no live connection is affected\n");
}

TEST(PlanText, OfASectionThatCannotBeReadHasNoValues) {
    Change change;
    change.resource = Resource::profile;
    change.key = change.name = "*";
    change.actionability = Actionability::blocked;
    change.note = "NetworkManager is not running";
    Plan plan;
    plan.changes = {change};
    EXPECT_EQ(
        plan_text(plan, Colour::never),
        "✗ profile *  cannot be applied\n"
        "    NetworkManager is not running\n"
        "1 cannot be applied\n");
}

TEST(PlanText, KeepsTheLinesOfTextToPaste) {
    Change change;
    change.resource = Resource::endpoint;
    change.key = "192.0.2.9";
    change.actionability = Actionability::blocked;
    change.source = "a.yaml:2";
    change.note = "declare the profile instead:\n  profiles:\n    - match: {name: wan}";
    Plan plan;
    plan.changes = {change};
    EXPECT_EQ(
        plan_text(plan, Colour::never),
        "✗ endpoint 192.0.2.9  cannot be applied\n"
        "    a.yaml:2 · declare the profile instead:\n"
        "      profiles:\n"
        "        - match: {name: wan}\n"
        "1 cannot be applied\n");
}

TEST(PlanText, ColoursAddOnlyEscapeSequences) {
    const std::string coloured = plan_text(report_fixture::plan(), Colour::always);
    std::string uncoloured;
    for (std::size_t i = 0; i < coloured.size(); ++i) {
        if (coloured[i] == '\x1b') {
            i = coloured.find('m', i);
        } else {
            uncoloured += coloured[i];
        }
    }
    EXPECT_EQ(uncoloured, plan_text(report_fixture::plan(), Colour::never));
}

TEST(ApplyText, ShowsTheResultOfEachChange) {
    EXPECT_EQ(
        apply_text(report_fixture::apply_report(), Colour::never), R"(✓ net.mptcp.enabled: 0 → 1  applied
    /etc/mptcp-keeper/config.yaml:3
✗ limit subflows: 2 → 9  failed
    /etc/mptcp-keeper/config.yaml:6
    the kernel takes 8 at most
↶ profile wan küche: default → signal,subflow  reverted
    /etc/mptcp-keeper/conf.d/10-wan.yaml:2 · profile changed in place; reapply on enp4s0
    rebuilds subflows of 3 live connections
… endpoint 192.0.2.9: none → subflow on enp7s0  deferred
    /etc/mptcp-keeper/config.yaml:12 · waits until enp7s0 has the address
1 applied, 1 failed, 1 reverted, 1 deferred; NOT verified
)");
}

TEST(ApplyText, OfNothingToDoIsOneLine) {
    ApplyReport report;
    report.verified = true;
    EXPECT_EQ(apply_text(report, Colour::never), "in sync, nothing to do; read back and verified\n");
}

} // namespace
} // namespace keeper
