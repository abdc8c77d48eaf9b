// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/world.hpp"

namespace keeper::test {
namespace {

using Names = std::vector<std::string>;

TEST(Atomic, RevertsAllInReverseOrderAndRestoresTheRecord) {
    World world;
    world.path_manager.table = {
        endpoint("10.0.0.1", {f_signal}, 0, 1), endpoint("10.0.0.2", {f_signal}, 0, 2)};
    world.desired.sysctls["add_addr_timeout"] = declared("30");
    world.desired.subflows = declared(4U);
    world.desired.endpoints[key("10.0.0.1")] = absent_endpoint();
    world.desired.endpoints[key("10.0.0.2")] = desired_endpoint({f_signal, f_backup});
    world.desired.endpoints[key("10.0.0.3")] = desired_endpoint({f_signal});
    world.desired.endpoints[key("10.0.0.4")] = desired_endpoint({f_signal});
    const Snapshot before = world.snapshot();
    const Ownership record = world.state.saved;
    Names order;
    world.on_every_write([&](std::string_view write) -> std::optional<Error> {
        order.emplace_back(write);
        return write == "add 10.0.0.4" ? std::optional(Error{ErrorKind::failed, "no"}) : std::nullopt;
    });
    world.options.atomic = true;
    const ApplyReport report = world.apply();
    EXPECT_EQ(world.snapshot(), before);
    EXPECT_EQ(world.find("10.0.0.1")->id.value, 1);
    EXPECT_EQ(world.state.saved, record);
    EXPECT_TRUE(report.failed && !report.changed && !report.verified) << explain(report);
    EXPECT_EQ(
        order,
        (Names{
            "save",
            "write add_addr_timeout",
            "set-limits",
            "remove 10.0.0.1",
            "set-flags 10.0.0.2",
            "add 10.0.0.3",
            "add 10.0.0.4",
            "save",
            "remove 10.0.0.3",
            "set-flags 10.0.0.2",
            "add 10.0.0.1",
            "set-limits",
            "write add_addr_timeout",
            "save"}));
    EXPECT_EQ(
        outcomes(report),
        (Names{
            "sysctl net.mptcp.add_addr_timeout reverted",
            "limit subflows reverted",
            "endpoint 10.0.0.1 reverted",
            "endpoint 10.0.0.2 reverted",
            "endpoint 10.0.0.3 reverted",
            "endpoint 10.0.0.4 failed"}));
}

TEST(Atomic, NothingIsTriedIfAnItemIsBlocked) {
    World world;
    furnish(world);
    world.desired.sysctls["scheduler"] = declared("burst");
    world.options.atomic = true;
    const ApplyReport report = world.apply();
    Names writes = world.take_writes();
    std::erase(writes, "save");
    EXPECT_EQ(writes, Names{});
    EXPECT_TRUE(report.failed && !report.changed) << explain(report);
    EXPECT_EQ(world.state.saved, World().state.saved);
}

TEST(Atomic, AProfileThatIsStoredButNotReappliedIsRestored) {
    World world;
    furnish(world);
    const Snapshot before = world.snapshot();
    world.network_manager.fail_write_of("reapply eth0");
    world.options.atomic = true;
    const ApplyReport report = world.apply();
    EXPECT_EQ(world.snapshot(), before) << explain(report);
    EXPECT_FALSE(report.changed);
    EXPECT_EQ(world.state.saved, World().state.saved);
}

TEST(Atomic, WhatCannotBeRevertedIsReportedAndStaysOnRecord) {
    World world;
    world.desired.sysctls["add_addr_timeout"] = declared("30");
    world.desired.endpoints[key("10.0.0.4")] = desired_endpoint({f_signal});
    world.path_manager.fail_write_of("add 10.0.0.4");
    int writes = 0;
    world.sysctls.before_write = [&](std::string_view) -> std::optional<Error> {
        return ++writes == 2 ? std::optional(Error{ErrorKind::failed, "stuck"}) : std::nullopt;
    };
    world.options.atomic = true;
    const ApplyReport report = world.apply();
    EXPECT_EQ(report.changes[0].outcome, Outcome::failed);
    EXPECT_NE(report.changes[0].error.find("could not be reverted: stuck"), std::string::npos);
    EXPECT_EQ(world.state.saved.sysctls.at("add_addr_timeout").found, "120");
}

TEST(Atomic, StrictRevertsOnAnUnsupportedItem) {
    World world;
    world.sysctls.values.erase("close_timeout");
    world.desired.sysctls["add_addr_timeout"] = declared("30");
    world.desired.sysctls["close_timeout"] = declared("30");
    world.options.atomic = true;
    world.options.strict = true;
    EXPECT_TRUE(world.apply().failed);
    EXPECT_EQ(world.sysctls.values.at("add_addr_timeout"), "120");
}

TEST(Atomic, StrictRevertsOnWhatOnlyTheLastPlanShows) {
    World world;
    world.path_manager.known_flags = EndpointFlags::from_raw(31);
    world.desired.sysctls["add_addr_timeout"] = declared("30");
    world.links.present = {link(2, "eth0", {"10.0.0.1"})};
    world.desired.endpoints[key("10.0.0.1")] = desired_endpoint({f_subflow, EndpointFlag::laminar});
    world.options.atomic = true;
    world.options.strict = true;
    const ApplyReport report = world.apply();
    EXPECT_TRUE(report.failed && !report.changed) << explain(report);
    EXPECT_EQ(world.sysctls.values.at("add_addr_timeout"), "120");
    EXPECT_EQ(world.find("10.0.0.1"), nullptr);
    EXPECT_EQ(world.state.saved, World().state.saved)
        << "a dropped flag is not a refusal: nothing is recorded";
}

TEST(Atomic, WithoutAFailureItIsAnOrdinaryApply) {
    World world;
    furnish(world);
    world.options.atomic = true;
    EXPECT_TRUE(world.apply().verified);
    EXPECT_EQ(world.sysctls.values.at("add_addr_timeout"), "30");
}

} // namespace
} // namespace keeper::test
