// SPDX-License-Identifier: LGPL-2.1-or-later
#include <random>

#include "engine/hand_over_world.hpp"

namespace keeper::test {
namespace {

/// Thrown by a fake's write: the command is killed.
struct StormKilled {};

/// Tries, applies, reloads, kills, drift and time in random order. Whenever no try is pending, the host is as
/// the last declaration says that was applied, confirmed or returned to.
class TryStorm : public HandOverWorld {
  public:
    explicit TryStorm(unsigned seed) : random_(seed) {
        start_daemon();
        run_for(3s);
        in_force_ = version;
    }

    void happens() {
        const unsigned kind = one_of(12);
        happened_ += " " + std::to_string(kind);
        switch (kind) {
        case 0:
            return edit_files();
        case 1:
            return apply();
        case 2:
        case 3:
            return begin(one_of(2) == 0 ? config_of(++version_of_tries_) : files);
        case 4:
            return end_by(true);
        case 5:
            return end_by(false);
        case 6:
            return reload();
        case 7:
            return begin_and_die();
        case 8:
            return start_daemon_again();
        case 9:
            sysctls.values["add_addr_timeout"] = "7";
            ++interferences_;
            return happened(Event::sysctls_changed);
        case 10:
            clock.suspended += std::chrono::seconds(one_of(100));
            return;
        default:
            return;
        }
    }
    void pass_time() {
        run_for(std::chrono::milliseconds(one_of(60000)));
        reach_deadline();
        if (!is_pending()) {
            run_for(3s);
            EXPECT_TRUE(shows(in_force_)) << "expected version " << in_force_ << " after" << happened_;
        }
    }
    void end_well() {
        clock.time += 10min;
        reach_deadline();
        edit_files();
        EXPECT_TRUE(report_of(apply_files()).verified);
        run_for(11min);
        EXPECT_TRUE(shows(version));
        EXPECT_LE(repairs_ + record.repairs, interferences_) << "only drift is repaired";
        EXPECT_EQ(tries.stored, "");
    }

  private:
    [[nodiscard]] unsigned one_of(unsigned number) { return static_cast<unsigned>(random_() % number); }
    [[nodiscard]] bool is_pending() { return tries.shown().has_value(); }
    [[nodiscard]] static unsigned number_of(const LoadedConfig& config) {
        return static_cast<unsigned>(std::stoul(config.fingerprint.substr(1)));
    }
    void apply() {
        const auto report = apply_files();
        EXPECT_EQ(report.has_value(), !is_pending());
        if (report) {
            in_force_ = version;
        }
    }
    void begin(const LoadedConfig& candidate) {
        const bool from_disk = candidate.fingerprint == files.fingerprint;
        const bool was_pending = is_pending();
        const auto begun = try_config(candidate, from_disk ? "" : "/root/candidate.yaml");
        EXPECT_EQ(begun.has_value(), !was_pending);
        if (!begun) {
            return;
        }
        ASSERT_TRUE(*begun);
        EXPECT_FALSE((*begun)->report.failed) << explain((*begun)->report);
        tried_ = number_of(candidate);
        EXPECT_TRUE(shows(tried_));
    }
    void begin_and_die() {
        if (is_pending()) {
            return;
        }
        const auto kill = [left = one_of(12)](std::string_view) mutable -> std::optional<Error> {
            if (left-- == 0) {
                throw StormKilled();
            }
            return std::nullopt;
        };
        on_every_write(kill);
        tries.before_write = kill;
        try {
            const LoadedConfig candidate = config_of(++version_of_tries_);
            static_cast<void>(try_config(candidate, "/root/candidate.yaml"));
            tried_ = number_of(candidate);
        } catch (const StormKilled&) {
        }
        on_every_write(nullptr);
        tries.before_write = nullptr;
        daemon_acts = false;
        lock.taken = false;
    }
    void end_by(bool confirming) {
        const auto before = tries.load();
        const bool can_confirm = before && *before && (*before)->phase == TryPhase::pending &&
                                 (*before)->deadline > clock.since_boot();
        const bool was_pending = is_pending();
        if (confirming) {
            const bool was_confirmed = confirm().has_value();
            EXPECT_EQ(was_confirmed, can_confirm);
            in_force_ = was_confirmed ? tried_ : in_force_;
        } else {
            EXPECT_EQ(revert().has_value(), was_pending);
        }
    }
    void reload() {
        const bool was_pending = is_pending();
        turn(Events{Event::reload});
        if (!was_pending) {
            in_force_ = version;
        }
    }
    /// A daemon that is killed and starts again enforces the files on disk, unless they were taken back.
    void start_daemon_again() {
        reach_deadline();
        const bool was_pending = is_pending();
        const bool were_rejected = tries.rejected() == files.fingerprint;
        repairs_ += record.repairs;
        record = {};
        start_daemon();
        if (!was_pending && !were_rejected) {
            in_force_ = version;
        }
    }
    /// What the process that holds the clock does.
    void reach_deadline() {
        const auto pending = tries.load();
        if (pending && *pending && (*pending)->deadline <= clock.since_boot()) {
            EXPECT_TRUE(revert());
            EXPECT_FALSE(is_pending());
        }
    }

    std::mt19937 random_;
    unsigned in_force_ = 0;
    unsigned tried_ = 0;
    unsigned version_of_tries_ = 100; ///< below 254: it is part of an address
    std::string happened_;            ///< the kinds of events, for a failure's message
    std::uint64_t repairs_ = 0;
    std::uint64_t interferences_ = 0;
};

TEST(TryProperty, WheneverNoneIsPendingTheHostIsAsDeclaredLast) {
    for (unsigned seed = 1; seed <= 150; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        TryStorm storm(seed);
        for (int i = 0; i < 40; ++i) {
            storm.happens();
            storm.pass_time();
        }
        storm.end_well();
        if (testing::Test::HasFailure()) {
            return; // one failing seed is enough
        }
    }
}

} // namespace
} // namespace keeper::test
