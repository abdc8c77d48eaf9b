// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/events/event_loop.hpp"

#include <array>
#include <optional>

#include <gtest/gtest.h>
#include <unistd.h>

#include "adapters/files/unique_fd.hpp"

namespace keeper {
namespace {

using namespace std::chrono_literals;

/// The end of a pipe as a source, and the other end for the test.
class PipeSource final : public PollSource {
  public:
    PipeSource(std::optional<Event> event, bool reports_changes)
        : event_(event), reports_changes_(reports_changes) {
        std::array<int, 2> ends{};
        EXPECT_EQ(::pipe(ends.data()), 0);
        read_ = UniqueFd(ends[0]);
        write_ = UniqueFd(ends[1]);
    }
    void happen() { EXPECT_EQ(::write(write_.get(), "x", 1), 1); }

    [[nodiscard]] pollfd interest() override { return {read_.get(), POLLIN, 0}; }
    [[nodiscard]] Wakeup collect() override {
        char byte = 0;
        EXPECT_EQ(::read(read_.get(), &byte, 1), 1);
        return event_ ? Wakeup(*event_) : Wakeup();
    }
    [[nodiscard]] bool reports_changes() const override { return reports_changes_; }

  private:
    std::optional<Event> event_;
    bool reports_changes_;
    UniqueFd read_;
    UniqueFd write_;
};

class EventLoopTest : public ::testing::Test {
  protected:
    EventLoopTest() {
        std::vector<std::unique_ptr<PollSource>> sources;
        auto links = std::make_unique<PipeSource>(Event::links_changed, true);
        auto pokes = std::make_unique<PipeSource>(Event::poked, false);
        links_ = links.get();
        pokes_ = pokes.get();
        sources.push_back(std::move(links));
        sources.push_back(std::move(pokes));
        loop_ = std::make_unique<EventLoop>(std::move(sources), nullptr);
    }

    PipeSource* links_ = nullptr;
    PipeSource* pokes_ = nullptr;
    std::unique_ptr<EventLoop> loop_;
};

TEST_F(EventLoopTest, ReportsWhatHasHappened) {
    links_->happen();
    pokes_->happen();
    Wakeup both(Event::links_changed);
    both.add(Event::poked);
    EXPECT_EQ(loop_->wait(1h), both);
    EXPECT_EQ(loop_->wait(0ms), Wakeup());
}

TEST(EventLoop, IsNotWokenByASourceThatReportsNothing) {
    auto quiet = std::make_unique<PipeSource>(std::nullopt, false);
    PipeSource* const source = quiet.get();
    std::vector<std::unique_ptr<PollSource>> sources;
    sources.push_back(std::move(quiet));
    EventLoop loop(std::move(sources), nullptr);
    source->happen();
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(loop.wait(50ms), Wakeup());
    EXPECT_GE(std::chrono::steady_clock::now() - start, 50ms);
}

TEST_F(EventLoopTest, ChangesThatAreHeldBackWakeNothingAndAreNotLost) {
    loop_->hold_back_changes(1h);
    links_->happen();
    EXPECT_EQ(loop_->wait(0ms), Wakeup());
    loop_->hold_back_changes(0ms);
    EXPECT_EQ(loop_->wait(1h), Wakeup(Event::links_changed));
}

TEST_F(EventLoopTest, ChangesArriveWhenTheyAreNoLongerHeldBack) {
    loop_->hold_back_changes(20ms);
    links_->happen();
    EXPECT_EQ(loop_->wait(1h), Wakeup(Event::links_changed)) << "in the same wait";
}

TEST_F(EventLoopTest, OtherEventsWakeAsAlways) {
    loop_->hold_back_changes(1h);
    links_->happen();
    pokes_->happen();
    EXPECT_EQ(loop_->wait(1h), Wakeup(Event::poked));
}

} // namespace
} // namespace keeper
