// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/network_manager/call_window.hpp"

#include <algorithm>
#include <deque>
#include <vector>

#include <gtest/gtest.h>

namespace keeper {
namespace {

TEST(CallWindow, RunsNoMoreItemsThanItsWidth) {
    std::deque<CallWindow::Finished> under_way;
    std::size_t started = 0;
    std::size_t most = 0;
    const auto window = CallWindow::open(50, 16, [&](std::size_t index, const auto& finished) {
        EXPECT_EQ(index, started);
        ++started;
        under_way.push_back(finished);
        most = std::max<std::size_t>(most, under_way.size());
    });
    while (!under_way.empty()) {
        EXPECT_FALSE(window->is_idle());
        const auto finished = under_way.front();
        under_way.pop_front();
        finished();
    }
    EXPECT_TRUE(window->is_idle());
    EXPECT_EQ(started, 50U);
    EXPECT_EQ(most, 16U);
}

TEST(CallWindow, ItemsThatEndAtOnceDoNotRecurse) {
    std::size_t started = 0;
    const auto window = CallWindow::open(1000000, 16, [&](std::size_t, const auto& finished) {
        ++started;
        finished();
    });
    EXPECT_TRUE(window->is_idle());
    EXPECT_EQ(started, 1000000U);
}

TEST(CallWindow, StartsNothingAfterStop) {
    std::vector<CallWindow::Finished> under_way;
    const auto window =
        CallWindow::open(50, 2, [&](std::size_t, const auto& finished) { under_way.push_back(finished); });
    window->stop();
    EXPECT_FALSE(window->is_idle());
    for (std::size_t i = 0; i < 2; ++i) {
        under_way[i]();
    }
    EXPECT_EQ(under_way.size(), 2U);
    EXPECT_TRUE(window->is_idle());
}

TEST(CallWindow, WithoutItemsIsIdle) {
    EXPECT_TRUE(CallWindow::open(0, 16, [](std::size_t, const auto&) {})->is_idle());
}

} // namespace
} // namespace keeper
