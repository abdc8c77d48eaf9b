// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>

#include "daemon/daemon.hpp"
#include "engine/daemon_fakes.hpp"
#include "engine/hand_over.hpp"
#include "engine/trial.hpp"
#include "fakes/fake_metrics_file.hpp"
#include "fakes/fake_tries.hpp"

namespace keeper::test {

/// Thrown by a fake's write: the command gets SIGKILL.
struct CommandKilled {};

/// A host on which a daemon and commands run like separate processes: a test decides at which of a command's
/// writes the daemon runs, or the files change. Version N of the files declares values that identify it.
struct HandOverWorld : World {
    FakeEvents events;
    FakeMark mark;
    FakeLock lock;
    FakeNotices notices;
    FakeRivals rivals;
    FakeService service;
    fake::FakeMetricsFile metrics_file;
    FakeRequests requests;
    fake::FakeTries tries;
    fake::FakeTryClock try_clock;
    LoadedConfig files;
    unsigned version = 0;
    DaemonRecord record;
    std::unique_ptr<Daemon> daemon;
    bool is_stopped = false; ///< the daemon got SIGSTOP
    bool daemon_acts = false;
    /// Called before the lock is taken, while a command waits for it.
    std::function<void()> while_waiting;
    /// Called under the lock, when the command hands over.
    std::function<void()> before_hand_over;
    /// Changes what a command receives.
    std::function<void(DaemonReply&)> with_daemon_reply;

    HandOverWorld() {
        links.present = {link(2, "eth0", {"192.0.2.1"})};
        network_manager.state.profiles = {active_profile("wan", links.present[0], {})};
        network_manager.activate_all();
        edit_files();
    }

    // --- the files ---
    [[nodiscard]] static std::string timeout_of(unsigned number) { return std::to_string(1000 + number); }
    [[nodiscard]] static std::string address_of(unsigned number) {
        return "203.0.113." + std::to_string(number);
    }
    [[nodiscard]] static MptcpFlags flags_of(unsigned number) {
        const MptcpFlags all_routes{MptcpFlag::also_without_default_route};
        return number % 3 == 0   ? all_routes.with(MptcpFlag::signal)
               : number % 3 == 1 ? all_routes.with(MptcpFlag::subflow)
                                 : all_routes.with(MptcpFlag::signal).with(MptcpFlag::subflow);
    }
    /// Version N. Its text is its number and its mode.
    [[nodiscard]] static LoadedConfig
    config_of(unsigned number, ReconcileMode mode = ReconcileMode::enforce) {
        LoadedConfig config;
        config.fingerprint = "v" + std::to_string(number);
        config.hash = "sha256:" + config.fingerprint;
        config.sources = {{.file = "v", .text = std::to_string(number) + " " + std::string(to_string(mode))}};
        config.desired.reconcile.mode.value = mode;
        config.desired.sysctls["add_addr_timeout"] = declared(timeout_of(number));
        config.desired.subflows = declared(1 + number % 7);
        config.desired.endpoints[key(address_of(number))] = desired_endpoint({f_signal});
        config.desired.profiles = {rule("wan", flags_of(number))};
        return config;
    }
    [[nodiscard]] static LoadedConfig parse(const std::vector<ConfigSource>& sources) {
        if (sources.empty()) {
            LoadedConfig nothing;
            nothing.fingerprint = "none";
            return nothing;
        }
        std::istringstream text(sources.at(0).text);
        unsigned number = 0;
        std::string name;
        text >> number >> name;
        for (const ReconcileMode mode :
             {ReconcileMode::enforce, ReconcileMode::report, ReconcileMode::manual}) {
            if (name == to_string(mode)) {
                return config_of(number, mode);
            }
        }
        throw std::invalid_argument("not a text of config_of(): " + sources.at(0).text);
    }
    /// Saves the next version, whose profile has other flags than the previous one.
    void edit_files(ReconcileMode mode = ReconcileMode::enforce) { files = config_of(++version, mode); }
    void spoil_files() {
        edit_files();
        files.errors = {{{"config.yaml", 3, 1}, "no such key", ""}};
    }

    // --- the daemon ---
    void start_daemon() {
        requests.waiting.clear();
        is_stopped = false;
        daemon = std::make_unique<Daemon>(Daemon::Dependencies{
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
            .load_config = [this] { return files; },
            .parse = parse,
            .own_file = "",
            .publish = [this](const DaemonRecord& now) -> Result<void> {
                record = now;
                return {};
            },
            .rivals_on_disk = [](const DesiredState&) { return std::vector<std::string>(); },
            .metrics = fake::metrics_of(metrics_file),
            .pid = 42,
            .start_time = 1});
        daemon_acts = true;
        const bool is_up = daemon->start();
        daemon_acts = false;
        if (!is_up) {
            daemon.reset();
        }
    }
    /// Runs the daemon until it waits again.
    void turn(const Wakeup& more = {}) {
        if (!daemon || is_stopped || daemon_acts) {
            return;
        }
        daemon_acts = true;
        Wakeup found = events.wait(0ms);
        found.add(more);
        if (!requests.waiting.empty()) {
            found.add(Event::request_pending);
        }
        daemon->turn(found);
        echo_writes();
        daemon_acts = false;
    }
    void run_for(std::chrono::milliseconds duration) {
        const auto end = clock.time + duration;
        while (daemon && !is_stopped && clock.time < end) {
            const bool has_events = !(events.pending == Wakeup{}) || !requests.waiting.empty();
            const auto next = has_events ? 0ms : std::max(daemon->time_to_next(), 1ms);
            clock.time += std::min(next, end - clock.time);
            turn();
        }
        clock.time = std::max(clock.time, end);
    }
    void happened(Event event) { events.pending.add(event); }
    /// The kernel and NetworkManager announce every write of any program.
    void echo_writes() {
        echo(sysctls.writes().size(), sysctl_writes_, Event::sysctls_changed);
        echo(network_manager.writes().size(), profile_writes_, Event::profiles_changed);
    }

    // --- the commands ---
    [[nodiscard]] Result<std::optional<ApplyReport>>
    apply_files(const ApplyOptions& apply_options = {}, HandOver to = HandOver::to_daemon) {
        Engine command(ports());
        Line line(*this);
        DeclaredApply declared_apply({
            .engine = command,
            .mark = mark,
            .daemon = line,
            .tries = tries,
            .clock = clock,
            .lock = [this] { return take_lock(); },
            .read = [this]() -> std::optional<Declaration> {
                return files.valid() ? std::optional(Declaration{files.desired, files.fingerprint})
                                     : std::nullopt;
            },
        });
        auto result = declared_apply.run(apply_options, to);
        echo_writes();
        return result;
    }
    /// Calls a function with a Trial of a command.
    template <class Run>
    auto with_trial(const Run& run) {
        Engine command(ports());
        Line line(*this);
        Trial trial({
            .engine = command,
            .mark = mark,
            .daemon = line,
            .tries = tries,
            .deadline_process = try_clock,
            .clock = clock,
            .lock = [this] { return take_lock(); },
        });
        auto result = run(trial);
        echo_writes();
        return result;
    }
    /// `try FILE` with that version, or with the files on disk.
    [[nodiscard]] Result<std::optional<Trial::Begun>>
    try_config(const LoadedConfig& candidate, const std::string& file) {
        return with_trial([&](Trial& trial) {
            return trial.begin(
                {.file = file,
                 .timeout = 120s,
                 .read = [&]() -> std::optional<Trial::Candidate> {
                     return Trial::Candidate{
                         candidate.desired,
                         {.fingerprint = candidate.fingerprint,
                          .is_known = true,
                          .files = candidate.sources}};
                 },
                 .warn = [this](const std::vector<std::string>& texts) { told = texts; },
                 .is_cancelled = [this] { return is_cancelled; }});
        });
    }
    [[nodiscard]] Result<std::optional<Trial::Begun>> try_file(unsigned number) {
        return try_config(config_of(number), "/root/candidate.yaml");
    }
    [[nodiscard]] Result<std::optional<Trial::Begun>> try_files() { return try_config(files, ""); }
    [[nodiscard]] Result<PendingTry> confirm() {
        return with_trial([](Trial& trial) { return trial.confirm(); });
    }
    [[nodiscard]] Result<ApplyReport> revert() {
        return with_trial([](Trial& trial) { return trial.revert(); });
    }
    bool is_cancelled = false;     ///< the user has pressed Ctrl-C
    std::vector<std::string> told; ///< what a revert cannot restore, as printed before the last try

    /// The report of an apply that must have one.
    [[nodiscard]] ApplyReport report_of(const Result<std::optional<ApplyReport>>& result) {
        if (!result || !*result) {
            ADD_FAILURE() << (result ? "the files are invalid" : result.error().message);
            return {};
        }
        return **result;
    }
    [[nodiscard]] bool shows(unsigned number) {
        return sysctls.values.at("add_addr_timeout") == timeout_of(number) &&
               path_manager.current_limits.subflows == 1 + number % 7 &&
               find(address_of(number)) != nullptr &&
               network_manager.state.profiles[0].stored == flags_of(number);
    }

    /// The daemon's socket.
    class Line final : public DaemonPort {
      public:
        explicit Line(HandOverWorld& world) : world_(world) {}
        [[nodiscard]] Result<std::optional<DaemonReply>> ask(const DaemonRequest& request) override {
            if (request.fingerprint && world_.before_hand_over) {
                world_.before_hand_over();
            }
            if (!world_.daemon) {
                return std::optional<DaemonReply>();
            }
            world_.requests.waiting.push_back(request);
            if (world_.is_stopped) {
                return fail(ErrorKind::timed_out, "the running daemon has not answered within 5 s");
            }
            world_.turn();
            DaemonReply reply = world_.requests.replies.back();
            if (world_.with_daemon_reply) {
                world_.with_daemon_reply(reply);
            }
            return std::optional(std::move(reply));
        }
        [[nodiscard]] std::optional<DaemonRecord> record() override {
            return world_.daemon ? std::optional(world_.record) : std::nullopt;
        }

      private:
        HandOverWorld& world_;
    };

  private:
    [[nodiscard]] Result<std::unique_ptr<LockPort::Guard>> take_lock() {
        if (while_waiting) {
            while_waiting();
        }
        return std::make_unique<Held>(lock);
    }
    void echo(std::size_t now, std::size_t& before, Event event) {
        if (now != before) {
            happened(event);
        }
        before = now;
    }
    class Held final : public LockPort::Guard {
      public:
        explicit Held(FakeLock& lock) : lock_(lock) { lock_.taken = true; }
        ~Held() override { lock_.taken = false; }
        Held(const Held&) = delete;
        Held& operator=(const Held&) = delete;

      private:
        FakeLock& lock_;
    };
    std::size_t sysctl_writes_ = 0;
    std::size_t profile_writes_ = 0;
};

} // namespace keeper::test
