// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/eventful_world.hpp"

namespace keeper::test {
namespace {

constexpr std::uint32_t eventful_worlds = 1000;
constexpr std::uint32_t changes_of_a_world = 10;

/// Reads what the events call for, and never everything at an interval.
struct Incremental : EventfulWorld {
    Incremental() : EventfulWorld(Detail::as_announced, std::chrono::hours(1000)) {}
};

/// Reads everything at each event and at each poll.
struct Full : EventfulWorld {
    Full() : EventfulWorld(Detail::none, 0ms) {}
};

/// What was written since the last call, but for the record.
std::multiset<std::string> writes_of(EventfulWorld& world) {
    const auto all = world.take_writes();
    std::multiset<std::string> result(all.begin(), all.end());
    result.erase("save");
    return result;
}

/// The same host twice, with the same changes.
struct Twins {
    Incremental incremental;
    Full full;
    bool has_unannounced = false; ///< only a poll can find it
    std::uint32_t prompt_comparisons = 0;

    explicit Twins(std::uint32_t seed) {
        for_both([seed](EventfulWorld& world) {
            Dice dice(seed);
            world.begin(dice);
            world.run_for(30s);
            static_cast<void>(world.take_writes());
        });
    }
    template <class Action>
    void for_both(const Action& action) {
        action(incremental);
        action(full);
    }
    /// Some changes, in a row or at once. What was announced must have been handled two seconds later, before
    /// a poll.
    void change(std::uint32_t seed, std::uint32_t number) {
        Dice dice(seed);
        for (std::uint32_t change = 1 + dice.below(4); change > 0 && !::testing::Test::HasFailure();
             --change) {
            const bool is_alone = dice.below(4) != 0;
            const std::uint32_t choices = dice.below(1000000000);
            for_both([&](EventfulWorld& world) {
                Dice same(choices);
                world.change(same);
                has_unannounced = world.take_unannounced() || has_unannounced;
                world.run_for(is_alone ? 2s : 0s);
            });
            if (!is_alone) {
                continue;
            }
            if (!has_unannounced && !full.is_hindered()) {
                ++prompt_comparisons;
                compare("two seconds after step " + std::to_string(number));
            }
            for_both([](EventfulWorld& world) { static_cast<void>(world.take_writes()); });
        }
        // So rarely that no repair is paused.
        const std::chrono::seconds pause(300 + dice.below(100));
        for_both([&](EventfulWorld& world) {
            world.run_for(pause);
            static_cast<void>(world.take_writes());
        });
        // The polls have found it, unless something kept them from it.
        has_unannounced = has_unannounced && (full.is_hindered() || full.network_manager.failure);
    }
    void end() {
        for_both([](EventfulWorld& world) {
            world.calm_down();
            world.run_for(12min);
            static_cast<void>(world.take_writes());
        });
        compare("at the end");
    }
    void compare(const std::string& when) {
        EXPECT_EQ(incremental.snapshot(), full.snapshot()) << when;
        EXPECT_EQ(writes_of(incremental), writes_of(full)) << when;
        if (::testing::Test::HasFailure()) {
            ADD_FAILURE() << ::testing::PrintToString(incremental.notices.lines) << "\n"
                          << ::testing::PrintToString(full.notices.lines);
        }
    }
};

TEST(IncrementalProperty, LeadsToTheSameHostAsFullRounds) {
    int incremental_reads = 0;
    int full_reads = 0;
    std::uint32_t prompt_comparisons = 0;
    for (std::uint32_t seed = 0; seed < eventful_worlds && !::testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Twins twins(seed);
        for (std::uint32_t i = 0; i < changes_of_a_world && !::testing::Test::HasFailure(); ++i) {
            twins.change(seed * 1000 + i, i);
        }
        if (!::testing::Test::HasFailure()) {
            twins.end();
        }
        incremental_reads += twins.incremental.network_manager.snapshots;
        full_reads += twins.full.network_manager.snapshots;
        prompt_comparisons += twins.prompt_comparisons;
    }
    EXPECT_LT(incremental_reads * 8, full_reads);
    EXPECT_GT(prompt_comparisons, eventful_worlds * changes_of_a_world / 2);
}

} // namespace
} // namespace keeper::test
