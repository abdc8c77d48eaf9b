// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/trying.hpp"

namespace keeper::test {
namespace {

using Lines = std::vector<std::string>;

TEST(Try, RestoresASectionThatIsDeclaredAlone) {
    for (const std::string section : {"sysctl", "limits", "endpoints", "profiles"}) {
        for (const bool has_daemon : {true, false}) {
            SCOPED_TRACE(section);
            HandOverWorld world;
            world.path_manager.table.push_back(endpoint("10.0.0.7", {f_subflow}, 0, 9)); // another program's
            const auto only = [&](unsigned number) {
                LoadedConfig config = HandOverWorld::config_of(number);
                DesiredState& desired = config.desired;
                desired.sysctls = section == "sysctl" ? desired.sysctls : decltype(desired.sysctls)();
                desired.subflows = section == "limits" ? desired.subflows : std::nullopt;
                desired.endpoints =
                    section == "endpoints" ? desired.endpoints : decltype(desired.endpoints)();
                desired.profiles = section == "profiles" ? desired.profiles : decltype(desired.profiles)();
                return config;
            };
            world.files = only(1);
            if (has_daemon) {
                world.start_daemon();
                world.run_for(3s);
            }
            const Snapshot before = world.snapshot();
            ASSERT_TRUE(world.try_config(only(5), "/root/candidate.yaml"));
            EXPECT_NE(world.snapshot(), before);
            const auto report = world.revert();
            ASSERT_TRUE(report) << report.error().message;
            EXPECT_TRUE(report->verified && !report->failed) << explain(*report);
            EXPECT_EQ(world.snapshot(), before);
        }
    }
}

TEST(Try, ARevertThatCouldNotStoreTheMarkIsRepeatedAndNotForgotten) {
    Trying world;
    ASSERT_TRUE(world.try_file(5));
    world.mark.save_failure = Error{ErrorKind::failed, "no space left"};
    const auto failed = world.revert();
    EXPECT_TRUE(!failed || failed->failed);
    EXPECT_NE(world.tries.stored, "");
    world.mark.save_failure.reset();
    const auto report = world.revert();
    ASSERT_TRUE(report && !report->failed);
    EXPECT_EQ(world.record.fingerprint, "v1");
    world.expect_restored();
}

TEST(Try, WithAFullRunFolderTheHostIsRestoredNevertheless) {
    Trying world;
    world.daemon.reset();
    ASSERT_TRUE(world.try_file(5));
    world.tries.before_write = [](std::string_view) { return Error{ErrorKind::failed, "no space left"}; };
    const auto report = world.revert();
    EXPECT_TRUE(report && report->failed);
    EXPECT_EQ(world.snapshot(), world.before);
    world.tries.before_write = nullptr;
    ASSERT_TRUE(world.revert());
    EXPECT_EQ(world.tries.stored, "");
}

TEST(Try, ASuspendedDaemonTakesNoPart) {
    Trying world;
    world.edit_files();
    world.before_hand_over = [&] { world.edit_files(); };
    static_cast<void>(world.apply_files()); // the daemon suspends itself: the files changed during the apply
    world.before_hand_over = nullptr;
    ASSERT_EQ(world.record.phase.substr(0, 9), "suspended");
    const Snapshot applied = world.snapshot();
    const auto begun = world.try_file(9);
    ASSERT_FALSE(begun);
    EXPECT_NE(begun.error().message.find("is suspended"), std::string::npos) << begun.error().message;
    world.run_for(10min);
    EXPECT_EQ(world.snapshot(), applied);
}

TEST(Try, LeavesADeviceAloneThatWaitsForItsNextActivation) {
    HandOverWorld world;
    world.network_manager.state.profiles[0].stored =
        MptcpFlags{MptcpFlag::signal, MptcpFlag::also_without_default_route};
    const Snapshot before = world.snapshot(); // live: default
    LoadedConfig candidate = HandOverWorld::config_of(5);
    candidate.desired.profiles = {rule("wan", MptcpFlags{MptcpFlag::subflow})};
    candidate.desired.profiles[0].activation = Activation::defer;
    ASSERT_TRUE(world.try_config(candidate, "/root/candidate.yaml"));
    ASSERT_TRUE(world.revert());
    EXPECT_EQ(world.snapshot(), before);
}

TEST(Try, AHostWithoutFilesReturnsToThat) {
    HandOverWorld world;
    world.files = {};
    world.files.fingerprint = "none";
    world.start_daemon();
    world.run_for(3s);
    const Snapshot before = world.snapshot();
    ASSERT_TRUE(world.try_file(5));
    ASSERT_TRUE(world.revert());
    EXPECT_EQ(world.snapshot(), before);
    EXPECT_EQ(world.record.fingerprint, "none");
    EXPECT_NE(world.record.phase.substr(0, 9), "suspended");
}

TEST(Try, AnotherProgramsEndpointWhoseAddressIsMissingWaitsForAReset) {
    HandOverWorld world;
    world.links.present.push_back(link(5, "tun0", {"10.9.9.7"}));
    world.path_manager.table = {endpoint("10.9.9.7", {f_subflow}, 5, 1)};
    LoadedConfig candidate = HandOverWorld::config_of(5);
    candidate.desired.endpoints[key("10.9.9.7")] = absent_endpoint();
    ASSERT_TRUE(world.try_config(candidate, "/root/candidate.yaml"));
    EXPECT_EQ(world.find("10.9.9.7"), nullptr);
    world.links.present.back().addresses.clear();
    ASSERT_TRUE(world.revert());
    world.links.present.back() = link(5, "tun0", {"10.9.9.7"});
    EXPECT_TRUE(world.reset().verified);
    EXPECT_NE(world.find("10.9.9.7"), nullptr);
}

TEST(Try, NothingBeginsThatARevertCouldNotRestore) {
    Trying world;
    world.path_manager.endpoints_failure = Error{ErrorKind::timed_out, "no answer"};
    static_cast<void>(world.take_writes());
    const auto begun = world.try_file(5);
    ASSERT_FALSE(begun);
    EXPECT_NE(begun.error().message.find("nothing was changed"), std::string::npos) << begun.error().message;
    EXPECT_EQ(world.take_writes(), Lines{});
}

TEST(Try, CtrlCBeforeTheFirstWriteCancels) {
    Trying world;
    world.is_cancelled = true;
    static_cast<void>(world.take_writes());
    EXPECT_FALSE(world.try_file(5));
    EXPECT_EQ(world.take_writes(), Lines{});
    EXPECT_EQ(world.tries.stored, "");
    EXPECT_EQ(world.try_clock.started, 0);
}

TEST(Try, AfterARevertedSecondTryTheFirstOnesFileIsStillNamed) {
    Trying world;
    ASSERT_TRUE(world.try_file(5));
    ASSERT_TRUE(world.confirm());
    ASSERT_TRUE(world.try_config(HandOverWorld::config_of(6), "/root/other.yaml"));
    EXPECT_EQ(world.record.tried_file, "/root/other.yaml");
    ASSERT_TRUE(world.revert());
    EXPECT_TRUE(world.shows(5));
    EXPECT_EQ(world.record.tried_file, "/root/candidate.yaml");
}

/// A host with something of every kind, without a daemon: see furnish().
TEST(Try, RestoresEveryKindOfSettingExactly) {
    for (const bool was_applied : {false, true}) {
        HandOverWorld world;
        furnish(world);
        LoadedConfig candidate;
        candidate.fingerprint = "candidate";
        candidate.desired = world.desired;
        if (was_applied) {
            DesiredState earlier = world.desired;
            earlier.sysctls["add_addr_timeout"] = declared("44");
            earlier.subflows = declared(6U);
            earlier.endpoints.erase(key("10.0.0.8"));
            earlier.endpoints[key("192.0.2.201")] = desired_endpoint({f_signal});
            earlier.profiles = {rule("wan", MptcpFlags{MptcpFlag::subflow})};
            world.desired = earlier;
            ASSERT_TRUE(world.apply().verified);
        }
        const Snapshot before = world.snapshot();
        const Ownership record_before = world.state.saved;
        const auto begun = world.try_config(candidate, "/root/candidate.yaml");
        ASSERT_TRUE(begun && *begun);
        EXPECT_FALSE((*begun)->report.failed) << explain((*begun)->report);
        EXPECT_NE(world.snapshot(), before);
        const auto report = world.revert();
        ASSERT_TRUE(report) << report.error().message;
        EXPECT_TRUE(report->verified) << explain(*report);
        EXPECT_EQ(world.snapshot(), before);
        Ownership now = world.state.saved;
        now.kernel = record_before.kernel;
        EXPECT_EQ(now, record_before);
        if (was_applied) {
            static_cast<void>(world.take_writes());
            EXPECT_TRUE(world.apply().verified);
            EXPECT_EQ(world.take_writes(), Lines{}) << "the earlier declaration is still in effect";
        }
        EXPECT_TRUE(world.reset().verified) << "what the keeper found first can still be restored";
    }
}

TEST(Try, SaysBeforehandWhichLiveFlagsARevertCannotRestore) {
    Trying world;
    world.network_manager.state.profiles[0].activations[0].reapply_disturbs = true; // DHCP
    LoadedConfig candidate = HandOverWorld::config_of(5);
    ASSERT_TRUE(world.try_config(candidate, "/root/candidate.yaml"));
    EXPECT_EQ(world.told, Lines{});
    ASSERT_TRUE(world.revert());
    candidate.desired.profiles[0].activation = Activation::reapply;
    ASSERT_TRUE(world.try_config(candidate, "/root/candidate.yaml"));
    ASSERT_EQ(world.told.size(), 1U);
    EXPECT_NE(world.told[0].find("nmcli connection up wan"), std::string::npos) << world.told[0];
}

} // namespace
} // namespace keeper::test
