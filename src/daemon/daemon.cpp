#include "daemon/daemon.hpp"

#include <algorithm>

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

bool Daemon::load(Reconciler::Cause cause) {
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
    load_error_.clear();
    fingerprint_ = config.fingerprint;
    for (const std::string& rival : outside_.rivals_on_disk(config.desired)) {
        notices.warning(rival);
    }
    reconciler_.load(std::move(config.desired), cause);
    return true;
}

std::string Daemon::status_text() const {
    const ReconcilerState state = reconciler_.state();
    std::string text = std::string(to_string(state.phase)) + "; mode " + std::string(to_string(state.mode)) +
                       "; repairs: " + std::to_string(state.repairs);
    for (const auto& conflict : state.conflicts) {
        text += "; conflict over " + conflict.conflict.item.key + " with " + conflict.rival;
    }
    if (!load_error_.empty()) {
        text += "; the files on disk are invalid and were not loaded: " + load_error_;
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

DaemonEnd Daemon::run() {
    if (!load(Reconciler::Cause::start)) {
        return DaemonEnd::invalid_configuration;
    }
    // Everything that events tell from here on is seen: the sources were opened before the first look.
    reconciler_.step();
    publish();
    outside_.service.ready(status_text());
    const milliseconds sign_of_life = outside_.service.watchdog().value_or(milliseconds(3600000)) / 3;
    for (;;) {
        const Events events =
            outside_.reconciler.events.wait(std::min(reconciler_.time_to_next(), sign_of_life));
        if (events.has(Event::stop)) {
            outside_.service.stopping();
            return DaemonEnd::told_to_stop;
        }
        if (events.has(Event::reload) || events.has(Event::adopt)) {
            outside_.service.reloading();
            const bool is_reload = events.has(Event::reload);
            (void)load(is_reload ? Reconciler::Cause::reload : Reconciler::Cause::adopted);
        }
        // The wait and the round have the whole of the watchdog's time each.
        outside_.service.alive(status_text());
        reconciler_.take(events);
        reconciler_.step();
        publish();
        if (events.has(Event::reload) || events.has(Event::adopt)) {
            outside_.service.ready(status_text());
        }
        outside_.service.alive(status_text());
    }
}

} // namespace keeper
