// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <random>

#include "engine/hand_over_world.hpp"

namespace keeper::test {
namespace {

using Lines = std::vector<std::string>;
using namespace std::string_literals;

enum class Drift { none, some };

/// All events that may happen on a host with a daemon, in random order: commands and the daemon interleave at
/// each write of a command. Checked after each write: no value of the host moves back to an older version,
/// unless --atomic reverts it.
class Storm : public HandOverWorld {
  public:
    Storm(unsigned seed, Drift drift) : random_(seed), drift_(drift) {
        start_daemon();
        run_for(3s);
        on_every_write([this](std::string_view write) { return at_write(write); });
        before_hand_over = [this] { check(); };
        while_waiting = [this] {
            if (one_of(3) == 0) {
                edit_files();
            }
            turn();
        };
    }

    void happens() {
        switch (one_of(14)) {
        case 0:
        case 1:
            return edit_files();
        case 2:
            return spoil_files();
        case 3:
        case 4:
        case 5:
            return apply({});
        case 6:
            return apply(atomic());
        case 7:
            failing_write_ = "add " + address_of(version);
            apply(atomic());
            failing_write_.clear();
            return;
        case 8:
            return apply(part());
        case 9:
            return reload();
        case 10:
            return happened(one_of(2) == 0 ? Event::poked : Event::links_changed);
        case 11:
            return another_program_interferes();
        case 12:
            is_stopped = !is_stopped;
            return;
        default:
            return restart_daemon();
        }
    }
    void pass_time() {
        run_for(std::chrono::milliseconds(one_of(3000)));
        check();
    }
    /// Makes the daemon run and the latest files be applied.
    void end_well() {
        is_stopped = false;
        killed_in_ = 0;
        edits_during_applies_ = false;
        while_waiting = nullptr;
        turn();
        edit_files();
        if (!daemon) {
            start_daemon();
        }
        apply_well();
        run_for(3s);
        edit_files();
        static_cast<void>(take_writes());
        apply_well();
        const Lines writes = take_writes();
        EXPECT_EQ(std::count(writes.begin(), writes.end(), "store uuid-wan"s), 1)
            << "the flags of one profile changed";
        EXPECT_EQ(std::count(writes.begin(), writes.end(), "reapply eth0"s), 1);
        run_for(11min);
        EXPECT_TRUE(shows(version));
        EXPECT_EQ(record.fingerprint, files.fingerprint);
        static_cast<void>(take_writes());
        run_for(1min);
        EXPECT_EQ(take_writes(), Lines{});
    }
    /// The number of repairs that the daemons have counted.
    [[nodiscard]] std::uint64_t repairs() const { return earlier_repairs_ + record.repairs; }
    [[nodiscard]] std::uint64_t interferences() const { return interferences_; }
    [[nodiscard]] std::size_t conflicts() const {
        return static_cast<std::size_t>(
            std::count_if(notices.lines.begin(), notices.lines.end(), [](const std::string& line) {
                return line.starts_with("backed off");
            }));
    }

  private:
    void apply_well() {
        const ApplyReport report = report_of(apply_files());
        EXPECT_TRUE(report.verified && !report.failed) << explain(report);
    }
    [[nodiscard]] unsigned one_of(unsigned number) { return static_cast<unsigned>(random_() % number); }

    [[nodiscard]] static ApplyOptions atomic() {
        ApplyOptions chosen;
        chosen.atomic = true;
        return chosen;
    }
    [[nodiscard]] ApplyOptions part() {
        ApplyOptions chosen;
        const std::set<Section> parts[] = {
            {Section::sysctl}, {Section::limits, Section::endpoints}, {Section::profiles}};
        chosen.scope.sections = parts[one_of(3)];
        return chosen;
    }
    void apply(const ApplyOptions& chosen) {
        killed_in_ = one_of(12) == 0 ? 1 + one_of(6) : 0;
        shown_before_ = shown();
        is_atomic_ = chosen.atomic;
        is_applying_ = true;
        try {
            static_cast<void>(apply_files(chosen));
        } catch (const CommandKilled&) {
            echo_writes();
        }
        is_applying_ = false;
        killed_in_ = 0;
        check();
        is_atomic_ = false;
    }
    void reload() {
        turn(Events{Event::reload});
        check();
    }
    void restart_daemon() {
        earlier_repairs_ += daemon ? record.repairs : 0;
        record = {};
        daemon.reset();
        if (one_of(4) != 0 && files.valid()) {
            start_daemon();
        }
        check();
    }
    void another_program_interferes() {
        if (drift_ == Drift::none) {
            return;
        }
        ++interferences_;
        switch (one_of(3)) {
        case 0:
            sysctls.values["add_addr_timeout"] = "7";
            return happened(Event::sysctls_changed);
        case 1:
            path_manager.current_limits.subflows = 8;
            return;
        default:
            network_manager.state.profiles[0].stored = {};
            return happened(Event::profiles_changed);
        }
    }
    /// Called between two writes of a command, and at writes of the daemon.
    std::optional<Error> at_write(std::string_view write) {
        check();
        check_addition(write);
        if (daemon_acts || !is_applying_) {
            return std::nullopt;
        }
        if (killed_in_ != 0 && --killed_in_ == 0) {
            throw CommandKilled();
        }
        if (edits_during_applies_ && one_of(15) == 0) {
            edit_files();
        }
        if (one_of(3) == 0) {
            turn(one_of(10) == 0 ? Events{Event::reload} : Events{Event::poked});
        }
        if (!failing_write_.empty() && write == failing_write_) {
            return Error{ErrorKind::failed, "no"};
        }
        return std::nullopt;
    }
    /// The version that the host's sysctl shows; 0 if it is of none.
    [[nodiscard]] unsigned shown() const {
        const auto timeout = static_cast<unsigned>(std::stoul(sysctls.values.at("add_addr_timeout")));
        return timeout > 1000 ? timeout - 1000 : 0;
    }
    void check() {
        const unsigned now = shown();
        if (now == 0) {
            return; // drift
        }
        if (now < newest_shown_) {
            EXPECT_TRUE(is_atomic_ && now == shown_before_)
                << "back at " << now << " after " << newest_shown_;
        }
        newest_shown_ = now;
    }
    void check_addition(std::string_view write) {
        constexpr std::string_view prefix = "add 203.0.113.";
        if (write.starts_with(prefix)) {
            const auto added = static_cast<unsigned>(std::stoul(std::string(write.substr(prefix.size()))));
            EXPECT_TRUE(is_atomic_ || added >= newest_added_) << write << " after " << newest_added_;
            newest_added_ = added;
        }
    }

    std::mt19937 random_;
    Drift drift_;
    unsigned newest_shown_ = 0; ///< the version that the sysctl has shown last
    unsigned newest_added_ = 0; ///< the version whose endpoint was added last
    unsigned shown_before_ = 0; ///< by the sysctl, when the command began
    bool is_atomic_ = false;    ///< a command is running that may revert what it did
    unsigned killed_in_ = 0;    ///< the write at which the command is killed; 0 for none
    bool is_applying_ = false;
    bool edits_during_applies_ = true;
    std::string failing_write_;
    std::uint64_t earlier_repairs_ = 0;
    std::uint64_t interferences_ = 0;
};

TEST(HandOverProperty, NoOrderOfEventsMovesTheHostBackOrCountsAnApplyAsDrift) {
    for (unsigned seed = 1; seed <= 100; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Storm storm(seed, Drift::none);
        for (int i = 0; i < 40; ++i) {
            storm.happens();
            storm.pass_time();
        }
        storm.end_well();
        EXPECT_EQ(storm.repairs(), 0U);
        EXPECT_EQ(storm.conflicts(), 0U);
        if (testing::Test::HasFailure()) {
            return; // one failing seed is enough
        }
    }
}

TEST(HandOverProperty, HoldsWithDriftToo) {
    for (unsigned seed = 1001; seed <= 1060; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Storm storm(seed, Drift::some);
        for (int i = 0; i < 40; ++i) {
            storm.happens();
            storm.pass_time();
        }
        storm.end_well();
        EXPECT_LE(storm.repairs(), storm.interferences()) << "only drift is repaired";
        if (testing::Test::HasFailure()) {
            return;
        }
    }
}

} // namespace
} // namespace keeper::test
