// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/monitor_lines.hpp"

#include <utility>

#include <CLI/CLI.hpp>

#include "cli/commands/registry.hpp"
#include "cli/environment.hpp"
#include "cli/outcome.hpp"

namespace keeper::cli {

namespace {

using std::chrono::milliseconds;

struct MonitorArguments {
    bool timestamps = false;
};

/// How often limits and endpoints are read, which takes some ten microseconds.
constexpr milliseconds poll_interval{200};

/// Prints a line for each event and each change. One object serves one run of the command.
class Monitor {
  public:
    Monitor(
        const MonitorArguments& arguments, const GlobalOptions& global, MonitorPort& source, Environment& env)
        : arguments_(arguments), json_(global.json), source_(source), env_(env) {}

    /// Returns when a signal ends it, or when the reader of the output is gone.
    [[nodiscard]] Result<void> run() {
        state_ = read_state();
        remember_record();
        source_.ping_network_manager();
        milliseconds next_read = clock().now() + poll_interval;
        for (;;) {
            const milliseconds left = next_read - clock().now();
            const Events events = source_.wait(std::max(left, milliseconds(0))).events;
            add_events();
            const bool stops = events.has(Event::stop) || events.has(Event::reload);
            if (stops || events.has(Event::sysctls_changed) || clock().now() >= next_read) {
                add_changes(read_state());
                next_read = clock().now() + poll_interval;
                add_repairs();
            }
            if (events.has(Event::poked)) {
                add_repairs();
            }
            watch_network_manager(events);
            if (stops) {
                drain();
            }
            if (auto written = flush(); !written || stops || env_.console.reader_is_gone()) {
                return written;
            }
        }
    }

  private:
    [[nodiscard]] WatchedState read_state() {
        const Ports& ports = env_.ports;
        WatchedState state;
        if (auto sysctls = ports.sysctls.read_all()) {
            state.sysctls = std::move(*sysctls);
        }
        if (const auto limits = ports.path_manager.limits()) {
            state.limits = *limits;
        }
        const auto endpoints = ports.path_manager.endpoints();
        if (endpoints && endpoints_ != *endpoints) {
            endpoints_ = *endpoints;
            links_ = ports.links.links().value_or(std::move(links_));
        }
        if (endpoints) {
            state.endpoints = watched_endpoints(*endpoints, links_);
        }
        state.program_hook = watched_program_hook(ports.program_hook.observe(false));
        return state;
    }

    void add_line(std::chrono::system_clock::time_point time, const std::string& line) {
        if (arguments_.timestamps && !json_) {
            text_ += timestamp_text(time);
        }
        text_ += line;
    }

    void add_events() {
        const MptcpNews news = source_.take_news();
        for (const auto& [time, event] : news.items) {
            const InterfaceNames& names = interface_names(event);
            add_line(time, json_ ? event_json_line(time, event, names) : event_line(event, names));
        }
        if (news.lost_some) {
            const auto now = env_.ports.clock.wall_now();
            add_line(now, json_ ? overrun_json_line(now) : overrun_line());
            env_.console.warning("the kernel dropped events that arrived faster than they were read");
        }
    }

    /// Adds the events that arrived before the stop.
    void drain() {
        for (std::size_t before = 0; before != text_.size();) {
            before = text_.size();
            (void)source_.wait(milliseconds(0));
            add_events();
        }
    }

    [[nodiscard]] const InterfaceNames& interface_names(const MptcpEvent& event) {
        if (event.ifindex && names_.find(*event.ifindex) == names_.end()) {
            for (const Link& link : env_.ports.links.links().value_or(std::vector<Link>{})) {
                names_[link.ifindex.value] = link.name;
            }
        }
        return names_;
    }

    void add_changes(WatchedState now) {
        const auto time = env_.ports.clock.wall_now();
        for (const WatchedChange& change : changes_between(state_, now)) {
            add_line(time, json_ ? changed_json_line(time, change) : changed_line(change));
        }
        state_ = merged(state_, std::move(now));
    }

    void remember_record() {
        const auto record = env_.daemon.record();
        pid_ = record ? record->pid : 0;
        repairs_ = record ? record->repairs : 0;
    }

    void add_repairs() {
        const auto record = env_.daemon.record();
        if (!record) {
            return;
        }
        std::uint64_t last = record->pid == pid_ ? repairs_ : 0; // a new daemon counts from 0
        pid_ = record->pid;
        repairs_ = record->repairs;
        for (const PublishedRepair& repair : record->history) {
            if (repair.number <= last) {
                continue;
            }
            const std::uint64_t others = repair.number - last - 1; // the record holds only the latest
            last = repair.number;
            const auto time = repair.time.value_or(env_.ports.clock.wall_now());
            add_line(time, json_ ? repaired_json_line(time, repair, others) : repaired_line(repair, others));
        }
    }

    /// Queries NetworkManager only after it has answered a ping, so that a hung one does not delay the
    /// events.
    void watch_network_manager(Events events) {
        if (events.has(Event::network_manager_ready)) {
            if (const auto present = env_.ports.profiles.refresh({})) {
                WatchedState now;
                now.profiles = watched_profiles(*present);
                add_changes(std::move(now));
            }
        }
        if (events.has(Event::profiles_changed) || events.has(Event::other_profiles_changed) ||
            events.has(Event::network_manager_changed)) {
            source_.ping_network_manager();
        }
    }

    [[nodiscard]] Result<void> flush() {
        env_.console.print(std::exchange(text_, {}));
        return env_.console.finish();
    }

    [[nodiscard]] ClockPort& clock() { return env_.ports.clock; }

    const MonitorArguments& arguments_;
    bool json_;
    MonitorPort& source_;
    Environment& env_;
    std::string text_; ///< not written yet
    WatchedState state_;
    std::vector<Endpoint> endpoints_;
    std::vector<Link> links_;
    InterfaceNames names_;
    std::int64_t pid_ = 0; ///< of the daemon
    std::uint64_t repairs_ = 0;
};

ExitCode monitor(const MonitorArguments& arguments, const GlobalOptions& global, Environment& env) {
    const auto source = env.open_monitor();
    if (!source) {
        return give_up(source.error(), global, env);
    }
    const auto done = Monitor(arguments, global, **source, env).run();
    return done ? ExitCode::done : give_up(done.error(), global, env);
}

} // namespace

Command make_monitor(CLI::App& program) {
    const auto arguments = std::make_shared<MonitorArguments>();
    Command command(
        program,
        {.name = "monitor",
         .summary = "show MPTCP events and unannounced configuration changes",
         .details = R"(
Events are printed in the notation of `ip mptcp monitor`. CHANGED is a change
that the kernel does not announce (limits, endpoints, sysctls, profile flags),
REPAIRED is a repair by the daemon, and OVERRUN means that events arrived faster
than they were read. --json prints one object per line. Requires root or
CAP_NET_ADMIN.

Exit codes: 0 interrupted, or the output is closed; 1 failed, 77 not permitted.

Examples:
  mptcp-keeper monitor --timestamps
  mptcp-keeper monitor --json | jq 'select(.event == "sf_closed")'
)"},
        [arguments](const GlobalOptions& global, Environment& env) {
            return monitor(*arguments, global, env);
        });
    command.app->add_flag("--timestamps", arguments->timestamps, "print the local time before each line");
    return command;
}

} // namespace keeper::cli
