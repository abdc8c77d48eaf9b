// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/reconciler.hpp"
#include "engine/world.hpp"

namespace keeper::test {

using namespace std::chrono_literals;

/// Remembers the notices, one line each.
class FakeNotices final : public Notices {
  public:
    std::vector<std::string> lines;

    void repaired(const Change& change) override { lines.push_back("repaired " + change.key); }
    void drifted(const Change& change) override { lines.push_back("drifted " + change.key); }
    void failed(const Change& change, const std::string&) override {
        lines.push_back("failed " + change.key);
    }
    void
    backed_off(const Change& change, const std::string& rival, std::chrono::milliseconds pause) override {
        lines.push_back(
            "backed off " + change.key + " from " + rival + " for " + std::to_string(pause.count() / 1000) +
            " s");
    }
    void applied(const Change& change) override { lines.push_back("applied " + change.key); }
    void loaded(const std::string& hash, const std::vector<std::string>&) override {
        lines.push_back("loaded " + hash);
    }
    void error(const std::string& text) override { lines.push_back("error " + text); }
    void warning(const std::string& text) override { lines.push_back("warning " + text); }
    void info(const std::string& text) override { lines.push_back("info " + text); }

    [[nodiscard]] std::vector<std::string> take() { return std::exchange(lines, {}); }
};

class FakeRivals final : public Rivals {
  public:
    [[nodiscard]] std::string likely_rival(const Change&) override { return "mptcpd (pid 7)"; }
};

class FakeLock final : public LockPort {
  public:
    bool taken = false; ///< by another process
    std::optional<Error> failure;
    [[nodiscard]] Result<std::unique_ptr<Guard>> try_lock() override {
        if (failure) {
            return tl::unexpected<Error>(*failure);
        }
        return taken ? nullptr : std::make_unique<Guard>();
    }
    /// Waits for nothing: the tests have one thread.
    [[nodiscard]] Result<std::unique_ptr<Guard>> lock(const std::function<void()>&) override {
        auto guard = try_lock();
        if (guard && !*guard) {
            return fail(ErrorKind::busy, "another mptcp-keeper process has held the lock for 60 s");
        }
        return guard;
    }
};

class FakeMark final : public DeclarationMarkPort {
  public:
    DeclarationMark saved;
    std::optional<Error> failure;
    [[nodiscard]] Result<DeclarationMark> load() override {
        if (failure) {
            return tl::unexpected<Error>(*failure);
        }
        return saved;
    }
    std::optional<Error> save_failure;
    [[nodiscard]] Result<void> save(const DeclarationMark& mark) override {
        if (save_failure) {
            return tl::unexpected<Error>(*save_failure);
        }
        saved = mark;
        return {};
    }
};

/// Events that a test sets, and a NetworkManager that answers pings or is frozen.
class FakeEvents final : public EventPort {
  public:
    Wakeup pending;
    bool frozen = false;
    int pings = 0;

    [[nodiscard]] Wakeup wait(std::chrono::milliseconds) override {
        if (asked_ && !frozen) {
            asked_ = false;
            pending.add(Event::network_manager_ready);
        }
        return std::exchange(pending, Wakeup{});
    }
    void ping_network_manager() override {
        ++pings;
        asked_ = true;
    }

  private:
    bool asked_ = false;
};

/// A host of fakes with a reconciler; time passes only in run_for().
class ReconciledWorld : public World {
  public:
    FakeNotices notices;
    FakeRivals rivals;
    FakeLock lock;
    FakeEvents events;
    FakeMark mark;
    Reconciler reconciler;
    int waits = 0;         ///< of all run_for() together
    int idle_waits = 0;    ///< consecutive waits that took no time and had no effect
    int most_in_a_row = 0; ///< the largest number of consecutive waits that took no time

    explicit ReconciledWorld(std::chrono::milliseconds full_look_interval = 10min)
        : reconciler(
              {.ports = ports(),
               .events = events,
               .lock = lock,
               .notices = notices,
               .rivals = rivals,
               .mark = mark,
               .full_look_interval = full_look_interval}) {}

    void
    load(ReconcileMode mode = ReconcileMode::enforce, Reconciler::Cause cause = Reconciler::Cause::start) {
        desired.reconcile.mode.value = mode;
        reconciler.load(desired, cause);
        reconciler.step();
    }
    /// Runs like the daemon's main loop, for that long.
    void run_for(std::chrono::milliseconds duration) {
        const auto end = clock.time + duration;
        int in_a_row = 0;
        while (clock.time <= end) {
            const auto next = reconciler.time_to_next();
            ASSERT_GE(next, 0ms);
            const Wakeup found = events.wait(next);
            const bool is_empty = found == Wakeup{};
            const auto slept = is_empty ? next : 0ms;
            if (clock.time + slept > end) {
                break;
            }
            in_a_row = slept == 0ms && is_empty ? in_a_row + 1 : 0;
            most_in_a_row = std::max(most_in_a_row, in_a_row);
            ASSERT_LT(in_a_row, 20) << "a busy loop";
            clock.time += slept;
            ++waits;
            reconciler.handle(found);
            reconciler.step();
            echo_writes();
        }
        clock.time = std::max(clock.time, end);
    }
    void write_sysctl(const std::string& name, const std::string& value) {
        sysctls.values[name] = value;
        happened(Event::sysctls_changed);
    }
    /// NetworkManager's events announce all profiles, but not the flags that devices run.
    void happened(Event event) {
        if (event == Event::profiles_changed || event == Event::other_profiles_changed) {
            network_manager.announce_profiles();
        }
        events.pending.add(event);
    }
    /// NetworkManager announces a change of the profile with that uuid.
    void announce_profile(const std::string& uuid) {
        events.pending.add(
            network_manager.knows(uuid) ? Event::profiles_changed : Event::other_profiles_changed);
        network_manager.announce(uuid);
    }
    void link_changed(LinkChange change) { events.pending.links.insert(std::move(change)); }
    /// All reads of the kernel and of NetworkManager, and of the record.
    [[nodiscard]] int reads() const {
        return sysctls.reads + path_manager.reads + links.reads + connections.reads + state.loads +
               network_manager.snapshots + network_manager.refreshes;
    }

    [[nodiscard]] std::size_t count_writes(const std::string& name) {
        const auto all = take_writes();
        return static_cast<std::size_t>(std::count(all.begin(), all.end(), name));
    }

  private:
    /// The kernel and NetworkManager announce the keeper's own writes like all others. The fake of
    /// NetworkManager knows which objects they were.
    void echo_writes() {
        echo(sysctls.writes().size(), sysctl_writes_, Event::sysctls_changed);
        echo(network_manager.writes().size(), profile_writes_, Event::profiles_changed);
    }
    void echo(std::size_t now, std::size_t& before, Event event) {
        if (now > before) {
            events.pending.add(event);
        }
        before = now;
    }
    std::size_t sysctl_writes_ = 0;
    std::size_t profile_writes_ = 0;
};

} // namespace keeper::test
