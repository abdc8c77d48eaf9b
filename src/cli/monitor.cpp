#include "report/monitor_lines.hpp"

#include <utility>

#include "cli/commands.hpp"
#include "cli/common.hpp"

namespace keeper::cli {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// How often limits and endpoints are read, which costs some ten microseconds.
constexpr milliseconds poll_interval{200};

/// Turns what is heard of into lines. One life is one run of the command.
class Monitor {
  public:
    Monitor(const MonitorOptions& options, bool json, MonitorPort& source, Environment& env)
        : options_(options), json_(json), source_(source), env_(env) {}

    /// Until it is told to stop or nobody reads any more.
    [[nodiscard]] Result<void> run() {
        state_ = look();
        remember_record();
        source_.ping_network_manager();
        auto next_look = steady_clock::now() + poll_interval;
        for (;;) {
            const auto left = std::chrono::ceil<milliseconds>(next_look - steady_clock::now());
            const Events events = source_.wait(std::max(left, milliseconds(0)));
            tell_news();
            const bool stops = events.has(Event::stop) || events.has(Event::reload);
            if (stops || events.has(Event::sysctls_changed) || steady_clock::now() >= next_look) {
                tell_changes(look());
                next_look = steady_clock::now() + poll_interval;
                tell_repairs();
            }
            if (events.has(Event::poked)) {
                tell_repairs();
            }
            heed_network_manager(events);
            if (stops) {
                drain();
            }
            if (auto written = flush(); !written || stops || env_.console.nobody_reads()) {
                return written;
            }
        }
    }

  private:
    [[nodiscard]] WatchedState look() {
        const LivePorts& live = env_.live;
        WatchedState state;
        if (auto sysctls = live.sysctls.read_all()) {
            state.sysctls = std::move(*sysctls);
        }
        if (const auto limits = live.path_manager.limits()) {
            state.limits = *limits;
        }
        const auto endpoints = live.path_manager.endpoints();
        if (endpoints && endpoints_ != *endpoints) {
            endpoints_ = *endpoints;
            links_ = live.links.links().value_or(std::move(links_));
        }
        if (endpoints) {
            state.endpoints = watched_endpoints(*endpoints, links_);
        }
        return state;
    }

    void put(std::chrono::system_clock::time_point time, const std::string& line) {
        if (options_.timestamps && !json_) {
            text_ += timestamp_text(time);
        }
        text_ += line;
    }

    void tell_news() {
        const MptcpNews news = source_.take_news();
        for (const auto& [time, event] : news.items) {
            put(time,
                json_ ? event_json_line(time, event, interfaces(event))
                      : event_line(event, interfaces(event)));
        }
        if (news.lost_some) {
            const auto now = std::chrono::system_clock::now();
            put(now, json_ ? overrun_json_line(now) : overrun_line());
            env_.console.warning("the kernel dropped events, since they came faster than they were read");
        }
    }

    /// The rest of what had come when it was told to stop.
    void drain() {
        for (std::size_t before = 0; before != text_.size();) {
            before = text_.size();
            (void)source_.wait(milliseconds(0));
            tell_news();
        }
    }

    [[nodiscard]] const InterfaceNames& interfaces(const MptcpEvent& event) {
        if (event.ifindex && names_.find(*event.ifindex) == names_.end()) {
            for (const Link& link : env_.live.links.links().value_or(std::vector<Link>{})) {
                names_[link.ifindex.value] = link.name;
            }
        }
        return names_;
    }

    void tell_changes(WatchedState now) {
        const auto time = std::chrono::system_clock::now();
        for (const WatchedChange& change : changes_between(state_, now)) {
            put(time, json_ ? changed_json_line(time, change) : changed_line(change));
        }
        state_ = merged(state_, std::move(now));
    }

    void remember_record() {
        const auto record = env_.running_daemon();
        pid_ = record ? record->pid : 0;
        repairs_ = record ? record->repairs : 0;
    }

    void tell_repairs() {
        const auto record = env_.running_daemon();
        if (!record) {
            return;
        }
        const std::uint64_t known = record->pid == pid_ ? repairs_ : 0; // a new daemon counts from 0
        pid_ = record->pid;
        repairs_ = record->repairs;
        std::uint64_t told = known;
        for (const std::string& text : record->history) {
            const auto repair = parse_repair(text);
            if (!repair || repair->number <= told) {
                continue;
            }
            const std::uint64_t others = repair->number - told - 1; // it remembers so many and no more
            told = repair->number;
            const auto time = repair->time.value_or(std::chrono::system_clock::now());
            put(time, json_ ? repaired_json_line(time, *repair, others) : repaired_line(*repair, others));
        }
    }

    /// Asks NetworkManager only after it has answered a ping: a frozen one must not hold up the events.
    void heed_network_manager(Events events) {
        if (events.has(Event::network_manager_ready)) {
            if (const auto present = env_.live.profiles.snapshot()) {
                WatchedState now;
                now.profiles = watched_profiles(*present);
                tell_changes(std::move(now));
            }
        }
        if (events.has(Event::profiles_changed) || events.has(Event::network_manager_changed)) {
            source_.ping_network_manager();
        }
    }

    [[nodiscard]] Result<void> flush() {
        env_.console.print(std::exchange(text_, {}));
        return env_.console.finish();
    }

    const MonitorOptions& options_;
    bool json_;
    MonitorPort& source_;
    Environment& env_;
    std::string text_; ///< not written yet
    WatchedState state_;
    std::vector<Endpoint> endpoints_;
    std::vector<Link> links_;
    InterfaceNames names_;
    std::int64_t pid_ = 0;
    std::uint64_t repairs_ = 0;
};

} // namespace

ExitCode run(const MonitorOptions& options, const GlobalOptions& global, Environment& env) {
    const auto source = env.live.open_monitor();
    if (!source) {
        return give_up(source.error(), global, env);
    }
    const auto done = Monitor(options, global.json, **source, env).run();
    return done ? ExitCode::done : give_up(done.error(), global, env);
}

} // namespace keeper::cli
