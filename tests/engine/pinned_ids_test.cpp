// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <numeric>

#include "engine/world.hpp"

namespace keeper::test {
namespace {

using Names = std::vector<std::string>;

void pin(World& world, const std::string& at, int id) {
    world.desired.endpoints[key(at)] = desired_endpoint({f_signal});
    if (id != 0) {
        world.desired.endpoints[key(at)].id = EndpointId{static_cast<std::uint8_t>(id)};
    }
}

int id_of(const World& world, const std::string& at) {
    const Endpoint* found = world.find(at);
    return found == nullptr ? 0 : found->id.value;
}

void expect_nothing_left(World& world) {
    static_cast<void>(world.take_writes());
    const ApplyReport again = world.apply();
    EXPECT_TRUE(again.verified && !again.changed) << explain(again);
    EXPECT_EQ(world.take_writes(), Names{});
}

TEST(PinnedIds, WinOverAnUnpinnedEndpointOfTheSameApply) {
    World world;
    pin(world, "192.0.2.1", 0);
    pin(world, "198.51.100.1", 1);
    const ApplyReport report = world.apply();
    EXPECT_TRUE(report.verified) << explain(report);
    EXPECT_EQ(id_of(world, "198.51.100.1"), 1);
    EXPECT_EQ(id_of(world, "192.0.2.1"), 2);
    expect_nothing_left(world);
}

TEST(PinnedIds, WinOverAnExistingUnpinnedEndpoint) {
    World world;
    pin(world, "192.0.2.1", 0);
    ASSERT_TRUE(world.apply().verified);
    ASSERT_EQ(id_of(world, "192.0.2.1"), 1);
    pin(world, "198.51.100.1", 1);
    const ApplyReport report = world.apply();
    EXPECT_TRUE(report.verified) << explain(report);
    EXPECT_EQ(id_of(world, "198.51.100.1"), 1);
    EXPECT_NE(world.find("192.0.2.1"), nullptr);
    expect_nothing_left(world);
}

/// One apply is enough for every change of ids, atomic or not.
TEST(PinnedIds, MoveInOneApplyInEveryPermutation) {
    for (const bool atomic : {false, true}) {
        std::vector<int> from{1, 2, 3, 4};
        std::vector<int> to = from;
        do {
            World world;
            world.options.atomic = atomic;
            for (std::size_t i = 0; i < from.size(); ++i) {
                pin(world, "10.0.0." + std::to_string(i), from[i]);
            }
            ASSERT_TRUE(world.apply().verified);
            for (std::size_t i = 0; i < to.size(); ++i) {
                pin(world, "10.0.0." + std::to_string(i), to[i] == 4 ? 0 : to[i]);
            }
            const ApplyReport report = world.apply();
            ASSERT_TRUE(report.verified) << explain(report);
            for (std::size_t i = 0; i < to.size(); ++i) {
                if (to[i] != 4) {
                    ASSERT_EQ(id_of(world, "10.0.0." + std::to_string(i)), to[i]) << explain(report);
                }
            }
            expect_nothing_left(world);
        } while (std::next_permutation(to.begin(), to.end()));
    }
}

TEST(PinnedIds, AreRestoredWhenAnAtomicApplyFails) {
    World world;
    pin(world, "10.0.0.1", 1);
    pin(world, "10.0.0.2", 2);
    ASSERT_TRUE(world.apply().verified);
    const std::vector<Endpoint> before = world.path_manager.table;
    for (const char* failing : {"add 10.0.0.1", "add 10.0.0.2", "write add_addr_timeout", "add 10.0.0.3"}) {
        SCOPED_TRACE(failing);
        pin(world, "10.0.0.1", 2);
        pin(world, "10.0.0.2", 1);
        pin(world, "10.0.0.3", 3);
        world.desired.sysctls["add_addr_timeout"] = declared("30");
        world.options.atomic = true;
        bool has_failed = false;
        world.on_every_write([&](std::string_view write) -> std::optional<Error> {
            if (has_failed || write != failing) {
                return std::nullopt;
            }
            has_failed = true;
            return Error{ErrorKind::failed, "injected failure"};
        });
        const ApplyReport report = world.apply();
        EXPECT_TRUE(report.failed && !report.changed) << explain(report);
        EXPECT_EQ(world.path_manager.table, before) << explain(report);
        world.on_every_write(nullptr);
    }
}

TEST(PinnedIds, InUseByAnotherProgramAreReportedAndNothingMoves) {
    World world;
    world.path_manager.table = {endpoint("203.0.113.9", {f_signal}, 0, 2)};
    pin(world, "10.0.0.1", 1);
    ASSERT_TRUE(world.apply().verified);
    pin(world, "10.0.0.1", 2);
    pin(world, "10.0.0.2", 1);
    static_cast<void>(world.take_writes());
    const ApplyReport report = world.apply();
    EXPECT_TRUE(report.failed && !report.changed) << explain(report);
    EXPECT_EQ(
        report.changes[0].error,
        "id 2 is already used by endpoint 203.0.113.9; pin another id or remove `id`");
    EXPECT_EQ(
        report.changes[1].error, "id 1 is already used by endpoint 10.0.0.1; pin another id or remove `id`");
    EXPECT_EQ(world.take_writes(), Names{});
}

TEST(PinnedIds, OfForeignEndpointsAreRestoredByAReset) {
    World world;
    const std::vector<Endpoint> before{
        endpoint("10.0.0.1", {f_signal}, 0, 1), endpoint("10.0.0.2", {f_signal}, 0, 2)};
    world.path_manager.table = before;
    pin(world, "10.0.0.1", 2);
    pin(world, "10.0.0.2", 1);
    pin(world, "10.0.0.3", 3);
    ASSERT_TRUE(world.apply().verified);
    EXPECT_EQ(id_of(world, "10.0.0.1"), 2);
    const ApplyReport report = world.reset();
    EXPECT_TRUE(report.verified) << explain(report);
    EXPECT_EQ(world.path_manager.table, before);
    EXPECT_TRUE(world.state.saved.empty());
}

} // namespace
} // namespace keeper::test
