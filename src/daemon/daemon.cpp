// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/daemon.hpp"

#include <algorithm>
#include <limits>

#include "model/desired_state.hpp"

namespace keeper {

namespace {

using std::chrono::milliseconds;

constexpr const char* files_taken_back =
    "the files on disk were tried and taken back, and those before them are not known";

PublishedRepair published(const Repair& repair) {
    const Change& change = repair.change;
    return {
        .number = repair.number,
        .time = repair.time,
        .resource = change.resource,
        .key = change.key,
        .name = change.name,
        .before = change.before,
        .after = change.after,
        .source = change.source};
}

} // namespace

Daemon::Daemon(const Dependencies& dependencies)
    : dependencies_(dependencies),
      declarations_(dependencies.tries, dependencies.load_config, dependencies.parse),
      reconciler_(dependencies.reconciler),
      metrics_(dependencies.metrics, dependencies.reconciler.ports.clock, dependencies.reconciler.notices) {}

std::uint64_t Daemon::mark_number() {
    if (!dependencies_.own_file.empty()) {
        return std::numeric_limits<std::uint64_t>::max(); // commands never hand over to it
    }
    const auto mark = dependencies_.reconciler.mark.load();
    return mark ? mark->number : 0; // the next round reports an error
}

bool Daemon::load(DeclarationInForce declaration, Reconciler::Cause cause, std::uint64_t mark) {
    ++loads_;
    const LoadedConfig& config = declaration.config;
    Notices& notices = dependencies_.reconciler.notices;
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
    adopt(std::move(declaration), cause, mark);
    return true;
}

void Daemon::adopt(DeclarationInForce declaration, Reconciler::Cause cause, std::uint64_t mark) {
    LoadedConfig& config = declaration.config;
    Notices& notices = dependencies_.reconciler.notices;
    load_error_.clear();
    fingerprint_ = config.fingerprint;
    config_hash_ = config.hash;
    dependencies_.reconciler.notices.loaded(config.hash, config.files);
    mode_ = config.desired.reconcile.mode.value;
    loaded_mark_ = mark;
    unreported_ = config.desired;
    tried_file_ = declaration.tried_file;
    try_deadline_ = declaration.deadline;
    if (!declaration.remark.empty()) {
        notices.warning(declaration.remark);
    }
    if (dependencies_.own_file.empty()) {
        const auto returned_to = dependencies_.tries.returned_to();
        if (!try_deadline_ && (!returned_to || returned_to->fingerprint != fingerprint_)) {
            dependencies_.tries.forget_reverted(); // others are in force now
        }
        const auto kept = dependencies_.tries.keep_loaded(
            {.fingerprint = config.fingerprint,
             .is_known = true,
             .files = std::move(config.sources),
             .tried_file = tried_file_});
        if (!kept) {
            notices.warning(kept.error().message + "; a try could not return to this configuration");
        }
    }
    metrics_.load(config.desired.metrics);
    reconciler_.load(std::move(config.desired), cause, mark);
}

/// Not part of load(): it reads many files, and a command may be waiting for the answer.
void Daemon::report_rivals() {
    if (!unreported_) {
        return;
    }
    for (const std::string& rival : dependencies_.rivals_on_disk(*unreported_)) {
        dependencies_.reconciler.notices.warning(rival);
    }
    unreported_.reset();
}

DaemonReply Daemon::reply(std::string refusal) const {
    return {
        .mode = mode_,
        .fingerprint = fingerprint_,
        .refusal = std::move(refusal),
        .can_try = why_not_try().empty()};
}

void Daemon::suspend(std::uint64_t mark, const std::string& reason) {
    load_error_ = reason;
    loaded_mark_.reset();
    tried_file_.clear();
    try_deadline_.reset();
    reconciler_.suspend(mark);
    dependencies_.reconciler.notices.error(
        "the configuration in force is not the loaded one, and cannot be loaded: " + reason +
        "; nothing is enforced until `mptcp-keeper apply` or `systemctl reload mptcp-keeper`");
}

DaemonReply Daemon::suspended_reply(std::uint64_t mark, const std::string& reason) {
    suspend(mark, reason);
    return reply(
        reason + "; it enforces nothing until `mptcp-keeper apply` or `systemctl reload mptcp-keeper`");
}

DaemonReply Daemon::take_over(const std::string& fingerprint) {
    if (!dependencies_.own_file.empty()) {
        return reply(
            "it was started with --config " + dependencies_.own_file +
            " and enforces that file; run `mptcp-keeper apply --config " + dependencies_.own_file +
            "`, or start it without --config");
    }
    const auto mark = dependencies_.reconciler.mark.load();
    if (mark && loaded_mark_ == mark->number) {
        return reply(""); // a reload was faster: it loaded what the command has read, or something newer
    }
    auto found = declarations_.with(fingerprint);
    ++loads_;
    const std::uint64_t number = mark ? mark->number : 0;
    if (!found) {
        return suspended_reply(number, files_taken_back);
    }
    const LoadedConfig& config = found->config;
    if (!config.valid()) {
        const Diagnostic& first = config.errors.front();
        return suspended_reply(
            number, "the files are invalid now: " + to_string(first.source) + ": " + first.message);
    }
    // The command may have ended since it sent the request: then the mark names what was applied last. An
    // empty fingerprint is that of a revert on a host where no daemon was running.
    const bool was_applied = fingerprint.empty() || config.fingerprint == fingerprint ||
                             (mark && config.fingerprint == mark->fingerprint);
    if (!was_applied) {
        return suspended_reply(number, "the files changed during the apply");
    }
    adopt(std::move(*found), Reconciler::Cause::adopted, number);
    return reply("");
}

void Daemon::take_over_applied_files() {
    if (const auto mark = dependencies_.reconciler.mark.load()) {
        (void)take_over(mark->fingerprint);
    }
}

DaemonReply Daemon::answer(const DaemonRequest& request) {
    if (!request.fingerprint) {
        return reply(why_not_try());
    }
    DaemonReply taken_over = take_over(*request.fingerprint);
    publish(); // the next command may read the record
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

DaemonRecord Daemon::record_without_history() const {
    const ReconcilerState state = reconciler_.state();
    DaemonRecord record;
    record.pid = dependencies_.pid;
    record.start_time = dependencies_.start_time;
    record.mode = state.mode;
    record.phase = to_string(state.phase);
    record.loads = loads_;
    record.fingerprint = fingerprint_;
    record.config_hash = config_hash_;
    record.load_error = load_error_;
    record.tried_file = tried_file_;
    record.repairs = state.repairs;
    record.repairs_of = state.repairs_of;
    record.last_apply = state.last_apply;
    // A new time alone is not worth a new record.
    const auto& published = published_.last_apply;
    if (published && record.last_apply && published->success == record.last_apply->success &&
        record.last_apply->time - published->time < std::chrono::minutes(1)) {
        record.last_apply = published;
    }
    for (const auto& [conflict, rival] : state.conflicts) {
        record.conflicts.push_back(
            {.resource = std::string(to_string(conflict.item.resource)),
             .key = conflict.item.key,
             .rival = rival,
             .repairs = conflict.repairs,
             .retry_at = conflict.retry_at});
    }
    return record;
}

void Daemon::publish() {
    DaemonRecord now = record_without_history();
    if (now == published_) {
        return;
    }
    DaemonRecord complete = now;
    for (const Repair& repair : reconciler_.last_repairs()) {
        complete.history.push_back(published(repair));
    }
    if (auto done = dependencies_.publish(complete); !done) {
        // Tried again after each wait, but logged once.
        if (publish_error_ != done.error().message) {
            publish_error_ = done.error().message;
            dependencies_.reconciler.notices.warning(publish_error_);
        }
        return;
    }
    publish_error_.clear();
    published_ = std::move(now);
}

void Daemon::write_metrics() {
    if (metrics_.is_active()) {
        metrics_.step(reconciler_, record_without_history());
    }
}

bool Daemon::start() {
    if (!load_at_start()) {
        return false;
    }
    report_rivals();
    act();
    publish();
    write_metrics();
    return true;
}

void Daemon::stop() {
    dependencies_.service.stopping();
    metrics_.stop();
}

/// A round that finds, under the lock, that a command was faster writes nothing. The next one enforces what
/// the command has applied.
void Daemon::act() {
    metrics_.prepare(reconciler_);
    reconciler_.step();
    constexpr int most_commands = 10; // more of them can wait until after the next event
    for (int command = 0; reconciler_.is_superseded() && command < most_commands; ++command) {
        take_over_applied_files();
        reconciler_.step();
    }
}

milliseconds Daemon::sign_of_life_interval() {
    return dependencies_.service.watchdog().value_or(milliseconds(3600000)) / 3;
}

void Daemon::show_life() {
    last_sign_of_life_ = dependencies_.reconciler.ports.clock.now();
    dependencies_.service.alive(status_text());
}

void Daemon::turn(const Wakeup& wakeup) {
    const Events events = wakeup.events;
    const bool is_reload = events.has(Event::reload);
    const milliseconds now = dependencies_.reconciler.ports.clock.now();
    const bool is_other = !wakeup.links.empty() || events.has(Event::other_profiles_changed);
    if (is_other && events.without(Event::other_profiles_changed).empty() &&
        now < last_sign_of_life_ + sign_of_life_interval()) {
        // On a host of containers, most changes concern no item. They must cost next to nothing.
        reconciler_.handle(wakeup);
        if (time_to_next() > milliseconds(0)) {
            if (!reconciler_.waits_for_network_manager()) { // its answer would be held back as well
                dependencies_.reconciler.events.hold_back_changes(flood_.next_pause(now));
            }
            return;
        }
    }
    if (is_reload) {
        dependencies_.service.reloading();
        reload();
    }
    if (events.has(Event::request_pending)) {
        dependencies_.requests.serve([this](const DaemonRequest& request) { return answer(request); });
    }
    report_rivals();
    // The wait and the round may each take the whole watchdog time.
    show_life();
    revert_overdue_try();
    reconciler_.handle(wakeup);
    act();
    report_rivals();
    publish();
    write_metrics();
    if (is_reload) {
        dependencies_.service.ready(status_text());
    }
    show_life();
}

DaemonEnd Daemon::run() {
    if (!start()) {
        return DaemonEnd::invalid_configuration;
    }
    dependencies_.service.ready(status_text());
    const milliseconds sign_of_life = sign_of_life_interval();
    for (;;) {
        const Wakeup wakeup = dependencies_.reconciler.events.wait(std::min(time_to_next(), sign_of_life));
        if (wakeup.events.has(Event::stop)) {
            stop();
            return DaemonEnd::stopped;
        }
        turn(wakeup);
    }
}

} // namespace keeper
