#include "daemon/daemon.hpp"

#include <algorithm>
#include <ctime>

#include "model/words.hpp"
#include "report/json.hpp"

namespace keeper {

namespace {

using std::chrono::milliseconds;

/// RFC 3339 in UTC, to the millisecond.
std::string timestamp(std::chrono::system_clock::time_point time) {
    const auto since = time.time_since_epoch();
    const std::time_t seconds = std::chrono::duration_cast<std::chrono::seconds>(since).count();
    const auto fraction = std::chrono::duration_cast<milliseconds>(since).count() % 1000;
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char text[40];
    const std::size_t length = std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts);
    std::string digits = std::to_string(1000 + fraction);
    return std::string(text, length) + "." + digits.substr(1) + "Z";
}

std::string text_of(const Repair& repair) {
    const Change& change = repair.change;
    const Json json{
        {"time", timestamp(repair.time)},
        {"resource", to_string(change.resource)},
        {"key", change.key},
        {"name", text_or_null(change.name)},
        {"before", json_of(change.before)},
        {"after", json_of(change.after)},
        {"source", change.source}};
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
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

DaemonRecord Daemon::record() const {
    const ReconcilerState state = reconciler_.state();
    DaemonRecord record;
    record.pid = outside_.pid;
    record.mode = state.mode;
    record.phase = to_string(state.phase);
    record.loads = loads_;
    record.fingerprint = fingerprint_;
    record.load_error = load_error_;
    record.repairs = state.repairs;
    record.last_repair = state.last_repair ? text_of(*state.last_repair) : "";
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
