// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/random_world.hpp"

namespace keeper::test {
namespace {

/// Endpoints that are not declared, that no profile creates, and that NetworkManager leaves alone.
std::set<std::string> untouchable(const World& world) {
    std::set<std::string> result;
    for (const Endpoint& one : world.path_manager.table) {
        const std::string at = to_string(one.key);
        if (at.starts_with("10.") && world.desired.endpoints.count(one.key) == 0 &&
            world.state.saved.endpoints.count(one.key) == 0) {
            result.insert(at + " " + std::to_string(one.flags.raw()) + " " + std::to_string(one.id.value));
        }
    }
    return result;
}

bool includes(const std::set<std::string>& all, const std::set<std::string>& part) {
    return std::includes(all.begin(), all.end(), part.begin(), part.end());
}

/// What a reset restores. The flags that a device runs are NetworkManager's, and so are the endpoints that
/// follow from them if the device ran other flags than its profile has.
Snapshot keepers_view(const World& world, bool with_network_managers) {
    Snapshot result = world.snapshot();
    result.live_flags.clear();
    if (!with_network_managers) {
        std::erase_if(
            result.endpoints, [](const auto& one) { return !std::get<0>(one).starts_with("10.0.0."); });
    }
    return result;
}

bool runs_what_is_stored(const World& world) {
    const auto& profiles = world.network_manager.state.profiles;
    return std::all_of(profiles.begin(), profiles.end(), [](const Profile& profile) {
        return std::all_of(
            profile.activations.begin(), profile.activations.end(), [&](const auto& activation) {
                return activation.live == profile.stored;
            });
    });
}

/// Ids of endpoints that NetworkManager does not create.
std::map<std::string, int> foreign_ids(const World& world) {
    std::map<std::string, int> result;
    for (const Endpoint& one : world.path_manager.table) {
        if (to_string(one.key).starts_with("10.0.0.")) {
            result[to_string(one.key)] = one.id.value;
        }
    }
    return result;
}

/// What may fail on these hosts: limits above the kernel's maximum, and blocked items.
bool may_fail(const AppliedChange& change) {
    return change.change.resource == Resource::limit || change.change.actionability == Actionability::blocked;
}

constexpr std::uint32_t worlds = 500;

TEST(Property, OneApplyConvergesAndASecondOneWritesNothing) {
    std::uint32_t verified = 0;
    for (std::uint32_t seed = 0; seed < worlds && !::testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        World world;
        Dice dice(seed);
        randomize_host(world, dice);
        for (int step = 0; step < 3; ++step) {
            SCOPED_TRACE("step " + std::to_string(step));
            randomize_declaration(world, dice);
            const std::set<std::string> foreign = untouchable(world);
            const ApplyReport first = world.apply();
            EXPECT_NE(first.verified, first.failed) << explain(first);
            for (const AppliedChange& change : first.changes) {
                EXPECT_TRUE(change.outcome != Outcome::failed || may_fail(change)) << explain(first);
            }
            EXPECT_TRUE(includes(untouchable(world), foreign)) << explain(first);
            static_cast<void>(world.take_writes());
            const ApplyReport second = world.apply();
            EXPECT_FALSE(second.changed) << explain(first) << explain(second);
            if (!first.verified) {
                continue;
            }
            ++verified;
            EXPECT_TRUE(second.verified) << explain(second);
            EXPECT_EQ(world.take_writes(), std::vector<std::string>{}) << explain(first) << explain(second);
        }
    }
    EXPECT_GT(verified, worlds);
}

TEST(Property, AnAtomicApplyIsAllOrNothing) {
    std::uint32_t verified = 0;
    for (std::uint32_t seed = 0; seed < worlds && !::testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        World world;
        Dice dice(seed);
        randomize_host(world, dice);
        randomize_declaration(world, dice);
        static_cast<void>(world.apply());
        randomize_declaration(world, dice);
        world.options.atomic = true;
        const Snapshot before = keepers_view(world, false);
        const std::map<std::string, int> ids = foreign_ids(world);
        const ApplyReport report = world.apply();
        EXPECT_NE(report.verified, report.failed) << explain(report);
        if (report.failed) {
            EXPECT_FALSE(report.changed) << explain(report);
            EXPECT_EQ(keepers_view(world, false), before) << explain(report);
            EXPECT_EQ(foreign_ids(world), ids) << explain(report);
            continue;
        }
        ++verified;
        static_cast<void>(world.take_writes());
        EXPECT_TRUE(world.apply().verified);
        EXPECT_EQ(world.take_writes(), std::vector<std::string>{}) << explain(report);
    }
    EXPECT_GT(verified, worlds / 4);
}

TEST(Property, ResetRestoresTheInitialWorld) {
    for (std::uint32_t seed = 0; seed < worlds && !::testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        World world;
        Dice dice(seed);
        randomize_host(world, dice);
        add_foreign_addresses(world);
        const bool with_network_managers = runs_what_is_stored(world);
        const Snapshot before = keepers_view(world, with_network_managers);
        const std::map<std::string, int> ids = foreign_ids(world);
        std::string history;
        for (int step = 0; step < 3; ++step) {
            world.options.atomic = dice.below(4) == 0;
            randomize_declaration(world, dice);
            history += explain(world.apply());
        }
        const ApplyReport reset = world.reset();
        EXPECT_TRUE(reset.verified) << history << explain(reset);
        EXPECT_EQ(keepers_view(world, with_network_managers), before) << history << explain(reset);
        EXPECT_EQ(foreign_ids(world), ids) << history << explain(reset);
        static_cast<void>(world.take_writes());
        static_cast<void>(world.reset());
        EXPECT_EQ(world.take_writes(), std::vector<std::string>{}) << history << explain(reset);
    }
}

} // namespace
} // namespace keeper::test
