#include "engine/reconciled_world.hpp"

namespace keeper::test {
namespace {

using Lines = std::vector<std::string>;
constexpr const char* timeout_key = "net.mptcp.add_addr_timeout";
const MptcpFlags wanted{MptcpFlag::signal, MptcpFlag::subflow, MptcpFlag::also_without_default_route};

/// Sysctl, limit, endpoint and profile are declared, applied and told.
struct Settled : ReconciledWorld {
    explicit Settled(ReconcileMode mode = ReconcileMode::enforce) {
        links.present = {link(2, "eth0", {"192.0.2.1"})};
        network_manager.state.profiles = {active_profile("wan", links.present[0], {})};
        network_manager.activate_all();
        desired.sysctls["add_addr_timeout"] = declared("30");
        desired.subflows = declared(4U);
        desired.endpoints[key("203.0.113.9")] = desired_endpoint({f_signal});
        desired.profiles = {rule("wan", wanted)};
        load();
        run_for(3s);
        EXPECT_EQ(sysctls.values.at("add_addr_timeout"), "30");
        EXPECT_EQ(path_manager.current_limits.subflows, 4U);
        EXPECT_NE(find("203.0.113.9"), nullptr);
        EXPECT_EQ(network_manager.state.profiles[0].stored, wanted);
        EXPECT_EQ(reconciler.state().repairs, 0U) << "what was loaded is no drift";
        if (mode != ReconcileMode::enforce) {
            load(mode, Reconciler::Cause::adopted);
            run_for(3s);
        }
        static_cast<void>(notices.take());
        static_cast<void>(take_writes());
    }
    void drift_all() {
        write_sysctl("add_addr_timeout", "99");
        path_manager.current_limits.subflows = 1;
        std::erase_if(path_manager.table, [](const Endpoint& one) { return one.key == key("203.0.113.9"); });
        network_manager.state.profiles[0].stored = {};
        happened(Event::profiles_changed);
    }
    [[nodiscard]] bool is_as_declared() {
        return sysctls.values.at("add_addr_timeout") == "30" && path_manager.current_limits.subflows == 4 &&
               find("203.0.113.9") != nullptr && network_manager.state.profiles[0].stored == wanted;
    }
};

TEST(Reconciler, TellsWhatItAppliesAtStartAndWritesNothingAtRest) {
    Settled world;
    const int snapshots = world.network_manager.snapshots;
    world.waits = 0;
    world.run_for(100s);
    EXPECT_EQ(world.take_writes(), Lines{});
    EXPECT_EQ(world.notices.take(), Lines{});
    EXPECT_LE(world.waits, 102) << "once an interval";
    EXPECT_LE(world.network_manager.snapshots, snapshots + 1) << "NetworkManager is left alone";
    EXPECT_EQ(world.reconciler.state().phase, Phase::idle);
}

TEST(Reconciler, RepairsASysctlAtOnceAndWithoutNetworkManager) {
    Settled world;
    const int pings = world.events.pings;
    world.write_sysctl("add_addr_timeout", "99");
    world.run_for(1ms);
    EXPECT_EQ(world.sysctls.values.at("add_addr_timeout"), "30");
    EXPECT_EQ(world.notices.take(), Lines{std::string("repaired ") + timeout_key});
    EXPECT_EQ(world.events.pings, pings);
    const ReconcilerState state = world.reconciler.state();
    EXPECT_EQ(state.repairs, 1U);
    ASSERT_EQ(world.reconciler.last_repairs().size(), 1U);
    EXPECT_EQ(world.reconciler.last_repairs()[0].change.before, Value(std::string("99")));
}

TEST(Reconciler, RepairsAProfileAtOnce) {
    Settled world;
    world.network_manager.state.profiles[0].stored = {};
    world.happened(Event::profiles_changed);
    world.run_for(1ms);
    EXPECT_EQ(world.network_manager.state.profiles[0].stored, wanted);
    EXPECT_EQ(world.notices.take(), Lines{"repaired uuid-wan"});
}

TEST(Reconciler, RepairsLimitsAndEndpointsWithinTheInterval) {
    Settled world;
    world.path_manager.current_limits.subflows = 1;
    world.run_for(1s);
    EXPECT_EQ(world.path_manager.current_limits.subflows, 4U);
    std::erase_if(
        world.path_manager.table, [](const Endpoint& one) { return one.key == key("203.0.113.9"); });
    world.run_for(1s);
    EXPECT_NE(world.find("203.0.113.9"), nullptr);
    EXPECT_EQ(world.notices.take(), (Lines{"repaired subflows", "repaired 203.0.113.9"}));
}

TEST(Reconciler, LooksNoMoreOftenThanTheIntervalSays) {
    Settled world;
    world.desired.reconcile.interval.value = 60s;
    world.load();
    world.run_for(61s);
    world.path_manager.current_limits.subflows = 1;
    world.run_for(58s);
    EXPECT_EQ(world.path_manager.current_limits.subflows, 1U);
    world.run_for(2s);
    EXPECT_EQ(world.path_manager.current_limits.subflows, 4U);
}

TEST(Reconciler, ALimitThatDriftsJustBeforeASysctlIsStillRepaired) {
    Settled world;
    world.path_manager.current_limits.subflows = 1;
    world.write_sysctl("add_addr_timeout", "99");
    world.run_for(1s);
    EXPECT_TRUE(world.is_as_declared());
}

TEST(Reconciler, ALimitThatDriftsWhileARoundGoesOnIsStillRepaired) {
    for (int moment = 1; moment < 9; ++moment) {
        Settled world;
        world.path_manager.current_limits.subflows = 1;
        int reads = 0;
        world.path_manager.on_limits_read = [&] {
            if (++reads == moment) {
                world.path_manager.current_limits.subflows = 2;
            }
        };
        world.run_for(5s);
        EXPECT_EQ(world.path_manager.current_limits.subflows, 4U) << "before look " << moment;
    }
}

TEST(Reconciler, RepairsTheAliasThatInotifyDoesNotShow) {
    Settled world;
    world.desired.sysctls["path_manager"] = declared("kernel");
    world.load();
    world.run_for(1s);
    world.sysctls.values["pm_type"] = "1";
    world.sysctls.values["path_manager"] = "userspace"; // no event
    world.run_for(1s);
    EXPECT_EQ(world.sysctls.values.at("path_manager"), "kernel");
}

TEST(Reconciler, ASchedulerThatIsRegisteredLaterIsSetWithoutAnEvent) {
    ReconciledWorld world;
    world.desired.sysctls["scheduler"] = declared("bpf_red");
    world.load();
    world.run_for(5s);
    EXPECT_EQ(world.sysctls.values.at("scheduler"), "default");
    EXPECT_LE(world.waits, 10) << "a round for what is not available";
    world.sysctls.values["available_schedulers"] = "default bpf_red"; // no event
    world.run_for(2s);
    EXPECT_EQ(world.sysctls.values.at("scheduler"), "bpf_red");
}

TEST(Reconciler, APathManagerOfAnotherNameIsSetOnceItIsAvailable) {
    ReconciledWorld world;
    world.desired.sysctls["path_manager"] = declared("bpf_mesh");
    world.load();
    world.run_for(2s);
    EXPECT_EQ(world.sysctls.values.at("path_manager"), "kernel");
    world.sysctls.values["available_path_managers"] = "kernel userspace bpf_mesh"; // no event
    world.run_for(2s);
    EXPECT_EQ(world.sysctls.values.at("path_manager"), "bpf_mesh");
}

TEST(Reconciler, WhatIsNotDeclaredIsLeftAlone) {
    Settled world;
    world.write_sysctl("blackhole_timeout", "5"); // not declared
    world.run_for(2s);
    EXPECT_EQ(world.notices.take(), Lines{});
    EXPECT_EQ(world.sysctls.values.at("blackhole_timeout"), "5");
}

TEST(Reconciler, ModeReportTellsEachDriftOnceAndTouchesNothing) {
    Settled world(ReconcileMode::report);
    for (int i = 0; i < 5; ++i) {
        world.drift_all();
        world.run_for(3s);
    }
    EXPECT_EQ(world.take_writes(), Lines{});
    Lines told = world.notices.take();
    std::sort(told.begin(), told.end());
    EXPECT_EQ(
        told,
        (Lines{
            "drifted 203.0.113.9",
            std::string("drifted ") + timeout_key,
            "drifted subflows",
            "drifted uuid-wan"}));
    EXPECT_EQ(world.reconciler.state().repairs, 0U);
}

TEST(Reconciler, ModeReportTellsADriftAgainAfterItWasInSync) {
    Settled world(ReconcileMode::report);
    for (int i = 0; i < 2; ++i) {
        world.path_manager.current_limits.subflows = 1;
        world.run_for(3s);
        world.path_manager.current_limits.subflows = 4;
        world.run_for(3s);
    }
    EXPECT_EQ(world.notices.take(), (Lines{"drifted subflows", "drifted subflows"}));
}

TEST(Reconciler, ModeManualActsOnAReloadAlone) {
    Settled world(ReconcileMode::manual);
    world.drift_all();
    world.happened(Event::poked);
    world.happened(Event::links_changed);
    world.run_for(30s);
    EXPECT_EQ(world.take_writes(), Lines{});
    EXPECT_EQ(world.notices.take(), Lines{});
    world.load(ReconcileMode::manual, Reconciler::Cause::reload);
    world.run_for(1s);
    EXPECT_TRUE(world.is_as_declared());
    static_cast<void>(world.take_writes());
    world.drift_all();
    world.run_for(100s);
    EXPECT_EQ(world.take_writes(), Lines{});
}

TEST(Reconciler, ModeManualDoesNotRetryNorReportWhatFailed) {
    Settled world(ReconcileMode::manual);
    world.drift_all();
    world.sysctls.fail_write_of("write add_addr_timeout");
    world.load(ReconcileMode::manual, Reconciler::Cause::reload);
    world.run_for(100s);
    Lines lines = world.notices.take();
    EXPECT_EQ(std::count(lines.begin(), lines.end(), std::string("failed ") + timeout_key), 1);
    for (const std::string& line : lines) {
        EXPECT_FALSE(line.starts_with("drifted")) << line;
    }
    EXPECT_EQ(world.count_writes("write add_addr_timeout"), 1U);
}

TEST(Reconciler, ModeManualLeavesItAtStart) {
    ReconciledWorld world;
    world.desired.subflows = declared(4U);
    world.load(ReconcileMode::manual, Reconciler::Cause::start);
    world.run_for(10s);
    EXPECT_EQ(world.take_writes(), Lines{});
}

TEST(Reconciler, BacksOffFromARivalAndNamesIt) {
    Settled world;
    std::size_t written = 0;
    for (int second = 0; second < 60; ++second) {
        world.path_manager.current_limits.subflows = 1;
        world.run_for(1s);
        written += world.count_writes("set-limits");
    }
    EXPECT_GE(written, 4U);
    EXPECT_LE(written, 6U) << "3, then after 10, 20 and 40 s";
    const ReconcilerState state = world.reconciler.state();
    EXPECT_EQ(state.phase, Phase::backing_off);
    ASSERT_EQ(state.conflicts.size(), 1U);
    EXPECT_EQ(state.conflicts[0].conflict.item, (Item{Resource::limit, "subflows"}));
    EXPECT_EQ(state.conflicts[0].rival, "mptcpd (pid 7)");
    EXPECT_EQ(world.notices.take()[3], "backed off subflows from mptcpd (pid 7) for 10 s");
    // Others are repaired all the while.
    world.write_sysctl("add_addr_timeout", "99");
    world.run_for(1ms);
    EXPECT_EQ(world.sysctls.values.at("add_addr_timeout"), "30");
}

TEST(Reconciler, RepairsAtTheEndOfARestWhatDriftedInIt) {
    Settled world;
    for (int i = 0; i < 4; ++i) {
        world.write_sysctl("add_addr_timeout", "99");
        world.run_for(10ms);
    }
    EXPECT_EQ(world.sysctls.values.at("add_addr_timeout"), "99") << "it rests";
    world.run_for(10s);
    EXPECT_EQ(world.sysctls.values.at("add_addr_timeout"), "30") << "with no event at all";
}

TEST(Reconciler, AnItemThatIsTakenBackAtOnceIsAConflictToo) {
    Settled world;
    world.path_manager.on_limits_read = [&] { world.path_manager.current_limits.subflows = 1; };
    world.run_for(9s);
    EXPECT_LE(world.count_writes("set-limits"), 12U);
    EXPECT_EQ(
        world.notices.take(), (Lines{"failed subflows", "backed off subflows from mptcpd (pid 7) for 10 s"}));
    ASSERT_EQ(world.reconciler.state().conflicts.size(), 1U);
}

TEST(Reconciler, AReloadForgetsConflicts) {
    Settled world;
    for (int i = 0; i < 4; ++i) {
        world.path_manager.current_limits.subflows = 1;
        world.run_for(1s);
    }
    ASSERT_FALSE(world.reconciler.state().conflicts.empty());
    world.load(ReconcileMode::enforce, Reconciler::Cause::reload);
    world.run_for(10ms);
    EXPECT_TRUE(world.reconciler.state().conflicts.empty());
    EXPECT_EQ(world.path_manager.current_limits.subflows, 4U);
}

TEST(Reconciler, AForeignApplyThatHoldsTheLockIsWaitedFor) {
    Settled world;
    world.lock.taken = true;
    world.drift_all();
    world.waits = 0;
    world.run_for(2s);
    EXPECT_EQ(world.take_writes(), Lines{});
    EXPECT_LE(world.waits, 110);
    world.lock.taken = false;
    world.run_for(30ms);
    EXPECT_TRUE(world.is_as_declared());
}

TEST(Reconciler, ARecordThatCannotBeReadIsToldOnceAndTriedAgain) {
    Settled world;
    world.state.load_failure = Error{ErrorKind::failed, "disk"};
    world.write_sysctl("add_addr_timeout", "99");
    world.waits = 0;
    world.run_for(20s);
    EXPECT_EQ(world.notices.take(), Lines{"warning disk"});
    EXPECT_LE(world.waits, 50);
    world.state.load_failure.reset();
    world.run_for(1s);
    EXPECT_EQ(world.sysctls.values.at("add_addr_timeout"), "30");
}

TEST(Reconciler, WhatFailsIsTriedAgainAndToldOnce) {
    Settled world;
    world.sysctls.fail_write_of("write add_addr_timeout");
    world.write_sysctl("add_addr_timeout", "99");
    world.run_for(30s);
    EXPECT_EQ(world.notices.take(), Lines{std::string("failed ") + timeout_key});
    EXPECT_LE(world.count_writes("write add_addr_timeout"), 6U);
    world.sysctls.before_write = nullptr;
    world.run_for(60s);
    EXPECT_EQ(world.sysctls.values.at("add_addr_timeout"), "30");
}

} // namespace
} // namespace keeper::test
