// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/eventful_world.hpp"

namespace keeper::test {
namespace {

constexpr std::uint32_t eventful_worlds = 320;
constexpr std::uint32_t changes_of_a_world = 10;

/// Reads what the events call for, and never everything at an interval.
struct Incremental : EventfulWorld {
    Incremental() : EventfulWorld(Detail::as_announced, std::chrono::hours(1000)) {}
};

/// Reads everything at each event and at each poll.
struct Full : EventfulWorld {
    Full() : EventfulWorld(Detail::none, 0ms) {}
};

/// The host that the changes of the seed lead to.
template <class World>
Snapshot run(std::uint32_t seed, int& full_reads, std::vector<std::string>& lines) {
    World world;
    Dice dice(seed);
    world.begin(dice);
    world.run_for(30s);
    for (std::uint32_t i = 0; i < changes_of_a_world; ++i) {
        // The same for each host, whatever the choices before depended on.
        Dice step(seed * 1000 + i);
        for (std::uint32_t number = 1 + step.below(3); number > 0; --number) {
            world.change(step);
        }
        // So rarely that no repair is paused.
        world.run_for(std::chrono::seconds(200 + step.below(100)));
    }
    world.calm_down();
    world.run_for(12min);
    full_reads += world.network_manager.snapshots;
    lines = world.notices.take();
    return world.snapshot();
}

TEST(IncrementalProperty, LeadsToTheSameHostAsFullRounds) {
    int incremental_reads = 0;
    int full_reads = 0;
    for (std::uint32_t seed = 0; seed < eventful_worlds && !::testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::vector<std::string> incremental_lines;
        std::vector<std::string> full_lines;
        const Snapshot incremental = run<Incremental>(seed, incremental_reads, incremental_lines);
        const Snapshot full = run<Full>(seed, full_reads, full_lines);
        EXPECT_EQ(incremental, full) << ::testing::PrintToString(incremental_lines) << "\n"
                                     << ::testing::PrintToString(full_lines);
    }
    EXPECT_LT(incremental_reads * 10, full_reads);
}

} // namespace
} // namespace keeper::test
