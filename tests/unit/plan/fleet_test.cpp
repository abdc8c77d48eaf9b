// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "config/config.hpp"
#include "support/fleet.hpp"

namespace keeper {
namespace {

/// The configurations that tests/bench/fleet measures.
TEST(Fleet, EachHostsPlanIsExactlyItsDrift) {
    std::size_t in_sync = 0;
    for (std::uint32_t number = 0; number < 200; ++number) {
        const test::FleetHost host = test::fleet_host(number);
        const LoadedConfig config = parse_sources(host.files);
        ASSERT_TRUE(config.valid()) << host.name << ": " << config.errors.front().message;
        EXPECT_TRUE(config.warnings.empty()) << host.name << ": " << config.warnings.front().message;
        const Plan plan = make_plan(config.desired, host.observed, Ownership{}, Scope{});
        EXPECT_EQ(plan.in_sync(), host.drift.empty()) << host.name;
        EXPECT_TRUE(test::has_exactly(plan, host.drift)) << host.name;
        in_sync += host.drift.empty() ? 1 : 0;
    }
    EXPECT_GT(in_sync, 10U);
    EXPECT_LT(in_sync, 190U);
}

TEST(Fleet, TheSameNumberMakesTheSameHost) {
    const test::FleetHost one = test::fleet_host(42);
    const test::FleetHost other = test::fleet_host(42);
    EXPECT_EQ(one.observed, other.observed);
    EXPECT_EQ(one.files[2].text, other.files[2].text);
    EXPECT_NE(one.files[2].text, test::fleet_host(43).files[2].text);
}

} // namespace
} // namespace keeper
