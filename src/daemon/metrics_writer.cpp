// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/metrics_writer.hpp"

#include <algorithm>

#include "report/metrics_text.hpp"

namespace keeper {

namespace {

constexpr MetricsWriter::Time never{3600000};

/// What is compared to find out whether a value has changed. Times change with every survey.
HostMetrics without_times(HostMetrics metrics) {
    metrics.last_check.reset();
    if (metrics.last_apply) {
        metrics.last_apply->time = {};
    }
    return metrics;
}

} // namespace

void MetricsWriter::load(const MetricsOutput& output) {
    const bool is_same_file = output.textfile && output.textfile->value == written_path_;
    if (!is_same_file) {
        remove_file();
    }
    output_ = output;
    reported_.clear();
    written_.reset();
    next_interval_ = clock_.now(); // at once
    reads_all_ = waits_for_survey_ = false;
    metrics_ = {};
    metrics_.version = dependencies_.version;
}

void MetricsWriter::prepare(Reconciler& reconciler) {
    if (!output_.textfile) {
        return;
    }
    const Time now = clock_.now();
    const bool is_due = now >= next_interval_;
    const bool is_after_round = reconciler.rounds() != rounds_ && !waits_for_survey_ && now >= next_change();
    if (!is_due && !is_after_round) {
        return;
    }
    last_survey_ = now;
    waits_for_survey_ = true;
    if (is_due) {
        next_interval_ = now + interval;
        reads_all_ = true;
    }
    reconciler.request_survey(is_due ? Look::Connections::always : Look::Connections::if_needed);
    rounds_ = reconciler.rounds();
}

void MetricsWriter::step(Reconciler& reconciler, const DaemonRecord& record) {
    if (!output_.textfile) {
        return;
    }
    const auto survey = reconciler.take_survey();
    const bool is_suspended = reconciler.state().phase == Phase::suspended;
    if (survey) {
        take(*survey, reconciler);
    } else if (is_suspended) {
        metrics_.in_sync.reset(); // the declaration in force is not known
    }
    add_daemon(metrics_, record);
    metrics_.last_apply = reconciler.state().last_apply; // that of the record is older
    const bool is_due = reads_all_ && (survey || is_suspended);
    if (is_due) {
        read_at_interval(record);
    }
    waits_for_survey_ = waits_for_survey_ && !survey && !is_suspended;
    rounds_ = survey ? reconciler.rounds() : rounds_;
    needs_survey_ = reconciler.rounds() != rounds_ && !waits_for_survey_;
    has_news_ = written_ && without_times(metrics_) != *written_;
    const bool is_complete = !needs_survey_ && !waits_for_survey_;
    if (is_due || (has_news_ && is_complete && clock_.now() >= last_write_ + shortest_pause)) {
        write();
    }
}

void MetricsWriter::take(const Survey& survey, const Reconciler& reconciler) {
    add_host(metrics_, reconciler.desired(), survey.found.state, survey.found.ownership, survey.plan);
    if (reads_all_ && !survey.found.state.connections) {
        metrics_.live.reset();
    }
    metrics_.in_sync = survey.in_sync;
    metrics_.last_check = survey.time;
}

void MetricsWriter::read_at_interval(const DaemonRecord& record) {
    reads_all_ = false;
    const auto on_disk = dependencies_.fingerprint_on_disk();
    metrics_.config_loaded = !on_disk || *on_disk == record.fingerprint;
    metrics_.try_pending = dependencies_.is_try_pending();
    metrics_.counters.reset();
    if (output_.with_counters()) {
        if (const auto netstat = dependencies_.netstat()) {
            metrics_.counters = parse_mptcp_counters(*netstat);
        }
    }
}

void MetricsWriter::write() {
    const std::string& path = output_.textfile->value;
    last_write_ = clock_.now();
    written_ = without_times(metrics_);
    has_news_ = false;
    if (const auto done = dependencies_.file.replace(path, metrics_text(metrics_)); !done) {
        report(done.error());
        return;
    }
    written_path_ = path;
    reported_.clear();
}

/// A directory that does not exist yet is normal before node_exporter is installed.
void MetricsWriter::report(const Error& error) {
    if (reported_ == error.message) {
        return;
    }
    reported_ = error.message;
    if (error.kind == ErrorKind::unavailable) {
        notices_.info(error.message);
    } else {
        notices_.warning(error.message);
    }
}

void MetricsWriter::remove_file() {
    if (written_path_.empty()) {
        return;
    }
    if (const auto done = dependencies_.file.remove(written_path_); !done) {
        notices_.warning(done.error().message);
    }
    written_path_.clear();
}

void MetricsWriter::stop() {
    remove_file();
    output_ = {};
}

MetricsWriter::Time MetricsWriter::time_to_next() const {
    if (!output_.textfile) {
        return never;
    }
    const bool is_early = needs_survey_ || (has_news_ && !waits_for_survey_);
    const Time next = is_early ? std::min(next_interval_, next_change()) : next_interval_;
    return std::max(next - clock_.now(), Time(0));
}

/// The earliest time of the next survey or write because of a change.
MetricsWriter::Time MetricsWriter::next_change() const {
    return std::max(last_write_, last_survey_) + shortest_pause;
}

} // namespace keeper
