#include "daemon/daemon.hpp"

#include <algorithm>
#include <limits>

#include "model/words.hpp"
#include "report/repairs.hpp"

namespace keeper {

namespace {

using std::chrono::milliseconds;

std::string text_of(const Repair& repair) {
    const Change& change = repair.change;
    return repair_json(
        {repair.number,
         repair.time,
         change.resource,
         change.key,
         change.name,
         change.before,
         change.after,
         change.source});
}

} // namespace

Daemon::Daemon(const Surroundings& surroundings)
    : outside_(surroundings), reconciler_(surroundings.reconciler) {}

std::uint64_t Daemon::mark_number() {
    if (!outside_.own_file.empty()) {
        return std::numeric_limits<std::uint64_t>::max(); // no command applies its file on its behalf
    }
    const auto mark = outside_.reconciler.mark.load();
    return mark ? mark->number : 0; // what is wrong with it, the next round reports
}

bool Daemon::load(Reconciler::Cause cause) {
    const std::uint64_t mark = mark_number(); // before the files: an apply in between is noticed later
    LoadedConfig config = outside_.load_config();
    ++loads_;
    Notices& notices = outside_.reconciler.notices;
    for (const Diagnostic& warning : config.warnings) {
        notices.warning(to_string(warning.source) + ": " + warning.message);
    }
    if (!config.valid()) {
        const Diagnostic& first = config.errors.front();
        load_error_ = to_string(first.source) + ": " + first.message;
        for (const Diagnostic& error : config.errors) {
            notices.error(to_string(error.source) + ": " + error.message);
        }
        return false;
    }
    adopt(std::move(config), cause, mark);
    return true;
}

void Daemon::adopt(LoadedConfig config, Reconciler::Cause cause, std::uint64_t mark) {
    load_error_.clear();
    fingerprint_ = config.fingerprint;
    mode_ = config.desired.reconcile.mode.value;
    loaded_mark_ = mark;
    unreported_ = config.desired;
    reconciler_.load(std::move(config.desired), cause, mark);
}

/// Apart from the load: it reads many files, and a command may be waiting for the answer.
void Daemon::report_rivals() {
    if (!unreported_) {
        return;
    }
    for (const std::string& rival : outside_.rivals_on_disk(*unreported_)) {
        outside_.reconciler.notices.warning(rival);
    }
    unreported_.reset();
}

DaemonReply Daemon::reply(std::string refusal) const {
    return {.mode = mode_, .fingerprint = fingerprint_, .refusal = std::move(refusal)};
}

void Daemon::suspend(std::uint64_t mark, const std::string& reason) {
    load_error_ = reason;
    loaded_mark_.reset();
    reconciler_.suspend(mark);
    outside_.reconciler.notices.error(
        "a command has applied other files than those that were loaded, and they cannot be loaded: " +
        reason + "; nothing is enforced until `mptcp-keeper apply` or `systemctl reload mptcp-keeper`");
}

DaemonReply Daemon::take_over(const std::string& fingerprint) {
    if (!outside_.own_file.empty()) {
        return reply(
            "it was started with --config " + outside_.own_file +
            " and enforces that file; run `mptcp-keeper apply --config " + outside_.own_file +
            "`, or start it without --config");
    }
    const auto mark = outside_.reconciler.mark.load();
    if (mark && loaded_mark_ == mark->number) {
        return reply(""); // a reload was faster: what it loaded is no older than what the command has read
    }
    LoadedConfig config = outside_.load_config();
    ++loads_;
    const std::uint64_t number = mark ? mark->number : 0;
    if (!config.valid()) {
        const Diagnostic& first = config.errors.front();
        const std::string reason =
            "the files are invalid now: " + to_string(first.source) + ": " + first.message;
        suspend(number, reason);
        return reply(
            reason + "; it enforces nothing until `mptcp-keeper apply` or `systemctl reload mptcp-keeper`");
    }
    // The request may be of a command that has ended since: then the mark names what was applied last.
    if (config.fingerprint != fingerprint && !(mark && config.fingerprint == mark->fingerprint)) {
        const std::string reason = "the files were changed while they were being applied";
        suspend(number, reason);
        return reply(
            reason + "; it enforces nothing until `mptcp-keeper apply` or `systemctl reload mptcp-keeper`");
    }
    adopt(std::move(config), Reconciler::Cause::adopted, number);
    return reply("");
}

void Daemon::take_over_what_was_applied() {
    if (const auto mark = outside_.reconciler.mark.load()) {
        (void)take_over(mark->fingerprint);
    }
}

DaemonReply Daemon::answer(const DaemonRequest& request) {
    if (!request.fingerprint) {
        return reply("");
    }
    DaemonReply taken_over = take_over(*request.fingerprint);
    publish(); // the command may be followed by one that reads the record
    return taken_over;
}

std::string Daemon::status_text() const {
    const ReconcilerState state = reconciler_.state();
    std::string text = std::string(to_string(state.phase)) + "; mode " + std::string(to_string(state.mode)) +
                       "; repairs: " + std::to_string(state.repairs);
    for (const auto& conflict : state.conflicts) {
        text += "; conflict over " + conflict.conflict.item.key + " with " + conflict.rival;
    }
    if (!load_error_.empty()) {
        text += "; the files on disk were not loaded: " + load_error_;
    }
    return text;
}

/// Each repair becomes text once, and not at every wait: there may be hundreds.
void Daemon::write_down_repairs() {
    const std::deque<Repair>& repairs = reconciler_.last_repairs();
    for (const Repair& repair : repairs) {
        if (repair.number > written_down_) {
            history_.push_back(text_of(repair));
            written_down_ = repair.number;
        }
    }
    if (history_.size() > repairs.size()) {
        const auto excess = static_cast<std::ptrdiff_t>(history_.size() - repairs.size());
        history_.erase(history_.begin(), history_.begin() + excess);
    }
}

DaemonRecord Daemon::record() {
    const ReconcilerState state = reconciler_.state();
    DaemonRecord record;
    record.pid = outside_.pid;
    record.start_time = outside_.start_time;
    record.mode = state.mode;
    record.phase = to_string(state.phase);
    record.loads = loads_;
    record.fingerprint = fingerprint_;
    record.load_error = load_error_;
    record.repairs = state.repairs;
    write_down_repairs();
    record.history = history_;
    for (const auto& [conflict, rival] : state.conflicts) {
        record.conflicts.push_back(
            {std::string(to_string(conflict.item.resource)),
             conflict.item.key,
             rival,
             conflict.repairs,
             conflict.retry_at});
    }
    return record;
}

void Daemon::publish() {
    DaemonRecord now = record();
    if (now == published_) {
        return;
    }
    if (auto done = outside_.publish(now); !done) {
        // Tried again after each wait, and told once.
        if (publish_error_ != done.error().message) {
            publish_error_ = done.error().message;
            outside_.reconciler.notices.warning(publish_error_);
        }
        return;
    }
    publish_error_.clear();
    published_ = std::move(now);
}

bool Daemon::start() {
    if (!load(Reconciler::Cause::start)) {
        return false;
    }
    report_rivals();
    act();
    publish();
    return true;
}

/// A round that finds, under the lock, that a command was faster writes nothing; the next one has what that
/// command has applied.
void Daemon::act() {
    reconciler_.step();
    constexpr int most_commands = 10; // more of them can wait until after the next event
    for (int command = 0; reconciler_.is_superseded() && command < most_commands; ++command) {
        take_over_what_was_applied();
        reconciler_.step();
    }
}

void Daemon::turn(Events events) {
    const bool is_reload = events.has(Event::reload);
    if (is_reload) {
        outside_.service.reloading();
        (void)load(Reconciler::Cause::reload);
    }
    if (events.has(Event::asked)) {
        outside_.requests.serve([this](const DaemonRequest& request) { return answer(request); });
    }
    report_rivals();
    // The wait and the round have the whole of the watchdog's time each.
    outside_.service.alive(status_text());
    reconciler_.take(events);
    act();
    report_rivals();
    publish();
    if (is_reload) {
        outside_.service.ready(status_text());
    }
    outside_.service.alive(status_text());
}

DaemonEnd Daemon::run() {
    if (!start()) {
        return DaemonEnd::invalid_configuration;
    }
    outside_.service.ready(status_text());
    const milliseconds sign_of_life = outside_.service.watchdog().value_or(milliseconds(3600000)) / 3;
    for (;;) {
        const Events events = outside_.reconciler.events.wait(std::min(time_to_next(), sign_of_life));
        if (events.has(Event::stop)) {
            outside_.service.stopping();
            return DaemonEnd::told_to_stop;
        }
        turn(events);
    }
}

} // namespace keeper
