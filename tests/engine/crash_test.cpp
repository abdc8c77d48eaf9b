// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/world.hpp"

namespace keeper::test {
namespace {

/// Thrown by a fake's write: the process is killed, and the run ends there.
struct Killed {};

/// Runs an apply and kills it before its kth write (0 is the first); false if it had fewer.
bool kill_at(World& world, std::size_t kth, const std::function<void()>& run) {
    std::size_t count = 0;
    world.on_every_write([&](std::string_view) -> std::optional<Error> {
        if (count++ == kth) {
            throw Killed();
        }
        return std::nullopt;
    });
    bool was_killed = false;
    try {
        run();
    } catch (const Killed&) {
        was_killed = true;
    }
    world.on_every_write(nullptr);
    return was_killed;
}

constexpr std::size_t more_writes_than_any_run = 200;

TEST(Crash, AnApplyKilledBeforeAnyWriteIsFinishedByTheNextAndCanBeReset) {
    std::size_t kth = 0;
    for (; kth < more_writes_than_any_run; ++kth) {
        SCOPED_TRACE("killed before write " + std::to_string(kth));
        World world;
        furnish(world);
        const Snapshot before = world.snapshot();
        if (!kill_at(world, kth, [&] { static_cast<void>(world.engine().apply(world.desired, {})); })) {
            break;
        }
        const ApplyReport next = world.apply();
        EXPECT_TRUE(next.verified && !next.failed) << explain(next);
        static_cast<void>(world.take_writes());
        EXPECT_TRUE(world.apply().verified);
        EXPECT_EQ(world.take_writes(), std::vector<std::string>{});
        const ApplyReport reset = world.reset();
        EXPECT_TRUE(reset.verified) << explain(reset);
        EXPECT_EQ(world.snapshot(), before);
        EXPECT_TRUE(world.state.saved.empty());
    }
    EXPECT_GT(kth, 10U) << "the run has too few writes to test anything";
    EXPECT_LT(kth, more_writes_than_any_run);
}

TEST(Crash, AnApplyKilledBeforeAnyWriteCanBeResetAtOnce) {
    for (std::size_t kth = 0; kth < more_writes_than_any_run; ++kth) {
        SCOPED_TRACE("killed before write " + std::to_string(kth));
        World world;
        furnish(world);
        const Snapshot before = world.snapshot();
        if (!kill_at(world, kth, [&] { static_cast<void>(world.engine().apply(world.desired, {})); })) {
            break;
        }
        const ApplyReport reset = world.reset();
        EXPECT_TRUE(reset.verified) << explain(reset);
        EXPECT_EQ(world.snapshot(), before);
    }
}

TEST(Crash, AResetKilledBeforeAnyWriteIsFinishedByTheNext) {
    for (std::size_t kth = 0; kth < more_writes_than_any_run; ++kth) {
        SCOPED_TRACE("killed before write " + std::to_string(kth));
        World world;
        furnish(world);
        const Snapshot before = world.snapshot();
        static_cast<void>(world.apply());
        if (!kill_at(world, kth, [&] { static_cast<void>(world.engine().reset()); })) {
            break;
        }
        const ApplyReport reset = world.reset();
        EXPECT_TRUE(reset.verified) << explain(reset);
        EXPECT_EQ(world.snapshot(), before);
        EXPECT_TRUE(world.state.saved.empty());
    }
}

} // namespace
} // namespace keeper::test
