// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/daemon.hpp"

#include "engine/daemon_fakes.hpp"
#include "fakes/fake_metrics_file.hpp"
#include "fakes/fake_tries.hpp"

namespace keeper::test {
namespace {

using Lines = std::vector<std::string>;

/// Returns the events of the test's scenes, one for each wait, then Event::stop.
class ScriptedEvents final : public EventPort {
  public:
    using Scene = std::function<Wakeup()>;
    std::vector<Scene> scenes;
    fake::FakeClock* clock = nullptr;
    std::vector<std::chrono::milliseconds> waits;

    [[nodiscard]] Wakeup wait(std::chrono::milliseconds at_most) override {
        waits.push_back(at_most);
        if (pinged_) {
            pinged_ = false;
            return Events{Event::network_manager_ready};
        }
        if (next_ == scenes.size()) {
            return Events{Event::stop};
        }
        clock->time += at_most;
        return scenes[next_++]();
    }
    void ping_network_manager() override { pinged_ = true; }
    std::chrono::milliseconds held_back{0}; ///< for how long changes were last held back
    void hold_back_changes(std::chrono::milliseconds duration) override { held_back = duration; }

  private:
    std::size_t next_ = 0;
    bool pinged_ = false;
};

struct DaemonWorld : World {
    ScriptedEvents events;
    FakeMark mark;
    FakeRequests requests;
    fake::FakeTries tries;
    std::string own_file;
    FakeLock lock;
    FakeNotices notices;
    FakeRivals rivals;
    FakeService service;
    fake::FakeMetricsFile metrics_file;
    LoadedConfig file;
    std::vector<DaemonRecord> published;
    std::optional<Error> publish_failure;

    DaemonWorld() {
        events.clock = &clock;
        file.fingerprint = "one";
        file.hash = "sha256:one";
        file.desired.subflows = declared(4U);
    }
    [[nodiscard]] Daemon::Dependencies dependencies() {
        return {
            .reconciler =
                {.ports = ports(),
                 .events = events,
                 .lock = lock,
                 .notices = notices,
                 .rivals = rivals,
                 .mark = mark},
            .service = service,
            .requests = requests,
            .tries = tries,
            .load_config = [this] { return file; },
            .parse = [this](const std::vector<ConfigSource>&) { return file; },
            .own_file = own_file,
            .publish = [this](const DaemonRecord& record) -> Result<void> {
                if (publish_failure) {
                    return tl::unexpected<Error>(*publish_failure);
                }
                published.push_back(record);
                return {};
            },
            .rivals_on_disk = [](const DesiredState&) { return Lines{"a rival file"}; },
            .metrics = fake::metrics_of(metrics_file),
            .pid = 42,
            .start_time = 4711};
    }
    [[nodiscard]] DaemonEnd run() { return Daemon(dependencies()).run(); }
    void spoil_file() { file.errors = {{{"config.yaml", 3, 1}, "no such key", ""}}; }
};

TEST(Daemon, ABadFileAtStartChangesAndPublishesNothing) {
    DaemonWorld world;
    world.spoil_file();
    EXPECT_EQ(world.run(), DaemonEnd::invalid_configuration);
    EXPECT_EQ(world.take_writes(), Lines{});
    EXPECT_TRUE(world.published.empty());
    EXPECT_EQ(world.service.calls, Lines{});
    EXPECT_EQ(world.notices.take(), Lines{"error config.yaml:3: no such key"});
}

TEST(Daemon, IsReadyAfterTheFirstRoundAndStopsOnRequest) {
    DaemonWorld world;
    EXPECT_EQ(world.run(), DaemonEnd::stopped);
    EXPECT_EQ(world.path_manager.current_limits.subflows, 4U);
    EXPECT_EQ(world.service.calls, (Lines{"ready", "stopping"}));
    ASSERT_EQ(world.published.size(), 1U);
    EXPECT_EQ(world.published[0].pid, 42);
    EXPECT_EQ(world.published[0].start_time, 4711U);
    EXPECT_EQ(world.published[0].loads, 1U);
    EXPECT_EQ(world.published[0].fingerprint, "one");
    EXPECT_EQ(world.published[0].config_hash, "sha256:one");
    EXPECT_EQ(world.notices.take(), (Lines{"loaded sha256:one", "warning a rival file", "applied subflows"}));
}

TEST(Daemon, ABadReloadKeepsTheLastGoodStateAndReportsIt) {
    DaemonWorld world;
    world.events.scenes = {
        [&] {
            world.file.fingerprint = "two";
            world.file.hash = "sha256:two";
            world.file.desired.subflows = declared(7U);
            world.spoil_file();
            return Events{Event::reload};
        },
        [&] {
            EXPECT_EQ(world.published.back().load_error, "config.yaml:3: no such key");
            EXPECT_EQ(world.published.back().config_hash, "sha256:one");
            EXPECT_NE(world.service.status.find("not loaded"), std::string::npos) << world.service.status;
            world.path_manager.current_limits.subflows = 1;
            return Events{};
        },
        [&] {
            EXPECT_EQ(world.path_manager.current_limits.subflows, 4U) << "the last good file";
            world.file.errors.clear();
            return Events{Event::reload};
        }};
    EXPECT_EQ(world.run(), DaemonEnd::stopped);
    EXPECT_EQ(world.path_manager.current_limits.subflows, 7U);
    EXPECT_EQ(world.service.calls, (Lines{"ready", "reloading", "ready", "reloading", "ready", "stopping"}));
    EXPECT_EQ(world.published.back().load_error, "");
    EXPECT_EQ(world.published.back().loads, 3U);
    EXPECT_EQ(world.published.back().fingerprint, "two");
    EXPECT_EQ(world.published.back().config_hash, "sha256:two");
}

TEST(Daemon, PublishesAllRepairsOfARoundInOneRecord) {
    DaemonWorld world;
    world.file.desired.add_addr_accepted = declared(2U);
    world.events.scenes = {[&] {
        world.path_manager.current_limits = {1, 0};
        return Events{};
    }};
    EXPECT_EQ(world.run(), DaemonEnd::stopped);
    ASSERT_EQ(world.published.size(), 2U) << "one per round, not one per repair";
    const DaemonRecord& record = world.published.back();
    EXPECT_EQ(record.repairs, 2U);
    ASSERT_EQ(record.history.size(), 2U);
    const PublishedRepair& first = record.history[0];
    const PublishedRepair& second = record.history[1];
    EXPECT_EQ(std::make_pair(first.number, second.number), std::make_pair(1UL, 2UL));
    EXPECT_EQ(std::set({first.key, second.key}), std::set<std::string>({"add_addr_accepted", "subflows"}));
    EXPECT_EQ(first.time, world.clock.wall_now());
    const PublishedRepair& of_subflows = first.key == "subflows" ? first : second;
    EXPECT_EQ(of_subflows.before, Value(1U));
    EXPECT_EQ(of_subflows.after, Value(4U));
}

TEST(Daemon, RemembersALimitedNumberOfRepairs) {
    constexpr std::size_t rounds = RepairLedger::most_remembered + 10;
    DaemonWorld world;
    for (std::size_t round = 0; round < rounds; ++round) {
        world.events.scenes.emplace_back([&] {
            world.path_manager.current_limits.subflows = 1;
            world.clock.time += 1h; // not a conflict
            return Events{};
        });
    }
    EXPECT_EQ(world.run(), DaemonEnd::stopped);
    const DaemonRecord& record = world.published.back();
    EXPECT_EQ(record.repairs, rounds);
    ASSERT_EQ(record.history.size(), RepairLedger::most_remembered);
    EXPECT_EQ(record.history.front().number, 11U);
    EXPECT_EQ(record.history.back().number, rounds);
}

TEST(Daemon, FeedsItsWatchdogInTime) {
    DaemonWorld world;
    world.service.period = 3s;
    world.file.desired.reconcile.interval.value = 1h;
    world.events.scenes = {[] { return Events{}; }, [] { return Events{}; }};
    EXPECT_EQ(world.run(), DaemonEnd::stopped);
    for (const auto& wait : world.events.waits) {
        EXPECT_LE(wait, 1s);
    }
    EXPECT_GE(world.service.signs_of_life, 2);
}

TEST(Daemon, AChangeThatConcernsNoItemDoesNotEvenFeedTheWatchdog) {
    DaemonWorld world;
    world.service.period = 3s;
    Daemon daemon(world.dependencies());
    ASSERT_TRUE(daemon.start());
    daemon.turn({});
    Wakeup container;
    container.links = {{Ifindex{9}, "veth9", address("172.17.0.9")}};
    const int signs = world.service.signs_of_life;
    for (int i = 0; i < 100; ++i) {
        daemon.turn(container);
        daemon.turn(Event::other_profiles_changed);
    }
    EXPECT_EQ(world.service.signs_of_life, signs);
    EXPECT_EQ(world.events.held_back, Flood::longest_pause);
    world.clock.time += 1s; // a storm of them must not starve it
    daemon.turn(container);
    EXPECT_GT(world.service.signs_of_life, signs);
}

TEST(Daemon, HoldsNoChangesBackWhileItWaitsForNetworkManager) {
    DaemonWorld world;
    world.file.desired.profiles = {rule("*", MptcpFlags{MptcpFlag::signal})};
    world.file.desired.reconcile.interval.value = 1h;
    Daemon daemon(world.dependencies());
    ASSERT_TRUE(daemon.start());
    daemon.turn(Event::network_manager_ready);
    world.clock.time += 1s;
    daemon.turn({});
    daemon.turn(Event::other_profiles_changed); // the glance pings
    Wakeup container;
    container.links = {{Ifindex{9}, "veth9", address("172.17.0.9")}};
    for (int i = 0; i < 20; ++i) {
        daemon.turn(container);
    }
    EXPECT_EQ(world.events.held_back, 0ms) << "the answer would be held back as well";
    const int refreshes = world.network_manager.refreshes;
    daemon.turn(Event::network_manager_ready);
    EXPECT_EQ(world.network_manager.refreshes, refreshes + 1);
    for (int i = 0; i < 20; ++i) {
        daemon.turn(container);
    }
    EXPECT_EQ(world.events.held_back, Flood::longest_pause);
}

TEST(Daemon, PublishesOnlyChangesAndSurvivesAFullDisk) {
    DaemonWorld world;
    for (int i = 0; i < 5; ++i) {
        world.events.scenes.emplace_back([] { return Events{}; });
    }
    EXPECT_EQ(world.run(), DaemonEnd::stopped);
    EXPECT_EQ(world.published.size(), 1U);

    DaemonWorld full;
    full.publish_failure = Error{ErrorKind::failed, "no space"};
    full.events.scenes = {
        [&] {
            full.publish_failure.reset();
            return Events{};
        },
        [] { return Events{}; }};
    EXPECT_EQ(full.run(), DaemonEnd::stopped);
    EXPECT_EQ(full.published.size(), 1U) << "once there is room";
    const Lines lines = full.notices.take();
    EXPECT_EQ(std::count(lines.begin(), lines.end(), "warning no space"), 1);
}

TEST(Daemon, TakesOverWhatACommandHasAppliedInModeManualWithoutActing) {
    DaemonWorld world;
    world.file.desired.reconcile.mode.value = ReconcileMode::manual;
    world.events.scenes = {[&] {
        world.mark.saved = {.number = 1, .last_used = 1, .fingerprint = "one"};
        world.requests.waiting = {{"one"}};
        return Events{Event::request_pending};
    }};
    EXPECT_EQ(world.run(), DaemonEnd::stopped);
    EXPECT_EQ(world.take_writes(), Lines{});
    EXPECT_EQ(world.published.back().loads, 2U);
    EXPECT_EQ(world.published.back().mode, ReconcileMode::manual);
    EXPECT_EQ(
        world.requests.replies,
        (std::vector<DaemonReply>{
            {.mode = ReconcileMode::manual, .fingerprint = "one", .refusal = "", .can_try = true}}));
}

TEST(Daemon, AnApplyDuringAReloadInModeManualDoesNotKeepTheReloadFromActing) {
    DaemonWorld world;
    world.file.desired.reconcile.mode.value = ReconcileMode::manual;
    world.events.scenes = {
        [&] {
            world.lock.taken = true;
            return Events{Event::reload};
        },
        [&] {
            world.mark.saved = {.number = 1, .last_used = 1, .fingerprint = "one"};
            world.requests.waiting = {{"one"}};
            return Events{Event::request_pending};
        },
        [&] {
            world.lock.taken = false;
            return Events{};
        }};
    EXPECT_EQ(world.run(), DaemonEnd::stopped);
    EXPECT_EQ(world.path_manager.current_limits.subflows, 4U);
}

TEST(Daemon, ReportsItsModeWithoutLoadingAnything) {
    DaemonWorld world;
    world.events.scenes = {[&] {
        world.file.fingerprint = "two";
        world.requests.waiting = {{}};
        return Events{Event::request_pending};
    }};
    EXPECT_EQ(world.run(), DaemonEnd::stopped);
    EXPECT_EQ(
        world.requests.replies,
        (std::vector<DaemonReply>{
            {.mode = ReconcileMode::enforce, .fingerprint = "one", .refusal = "", .can_try = true}}));
    EXPECT_EQ(world.published.back().loads, 1U);
}

TEST(Daemon, WithAFileOfItsOwnItRefusesAHandOver) {
    DaemonWorld world;
    world.own_file = "/root/own.yaml";
    world.events.scenes = {
        [&] {
            world.mark.saved = {.number = 1, .last_used = 1, .fingerprint = "of the system"};
            world.requests.waiting = {{"of the system"}};
            return Events{Event::request_pending};
        },
        [&] {
            world.path_manager.current_limits.subflows = 1;
            return Events{Event::poked};
        }};
    EXPECT_EQ(world.run(), DaemonEnd::stopped);
    ASSERT_EQ(world.requests.replies.size(), 1U);
    EXPECT_NE(world.requests.replies[0].refusal.find("/root/own.yaml"), std::string::npos);
    EXPECT_EQ(world.path_manager.current_limits.subflows, 4U);
}

TEST(Daemon, ALockThatCannotBeTakenIsReportedOnceAndTriedAgain) {
    DaemonWorld world;
    world.lock.failure = Error{ErrorKind::failed, "cannot open the lock"};
    world.events.scenes = {
        [] { return Events{}; },
        [] { return Events{}; },
        [&] {
            world.lock.failure.reset();
            return Events{};
        },
        [] { return Events{}; }};
    EXPECT_EQ(world.run(), DaemonEnd::stopped);
    const Lines lines = world.notices.take();
    EXPECT_EQ(std::count(lines.begin(), lines.end(), "warning cannot open the lock"), 1);
    EXPECT_EQ(world.path_manager.current_limits.subflows, 4U);
}

} // namespace
} // namespace keeper::test
