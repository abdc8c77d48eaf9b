#include "engine/hand_over.hpp"

#include <algorithm>

namespace keeper {

namespace {

constexpr const char* load_again =
    "; it does not enforce anything until it has loaded the files: run `mptcp-keeper apply` again, or "
    "`systemctl reload mptcp-keeper`";

Kind kind_of(Resource resource) {
    switch (resource) {
    case Resource::sysctl:
        return Kind::sysctl;
    case Resource::limit:
        return Kind::limits;
    case Resource::endpoint:
        return Kind::endpoints;
    case Resource::profile:
        return Kind::profiles;
    case Resource::unit:
        return Kind::applications;
    }
    return Kind::sysctl;
}

std::string title_of_left(const Change& change) {
    const std::string_view word = change.resource == Resource::sysctl ? "" : to_string(change.resource);
    const std::string& name = change.name.empty() ? change.key : change.name;
    return word.empty() ? name : std::string(word) + " " + name;
}

} // namespace

const std::set<Kind>& kinds_of_daemon() {
    static const std::set<Kind> kinds{Kind::sysctl, Kind::limits, Kind::endpoints, Kind::profiles};
    return kinds;
}

std::optional<Error> refusal_beside_daemon(DaemonPort& daemon, const std::string& advice) {
    const auto reply = daemon.ask({});
    if (!reply) {
        return Error{
            ErrorKind::failed, reply.error().message + "; it may enforce its files and undo this: " + advice};
    }
    if (*reply && (*reply)->mode == ReconcileMode::enforce) {
        return Error{
            ErrorKind::failed,
            "the running daemon enforces the files in /etc/mptcp-keeper and would undo this: " + advice};
    }
    return std::nullopt;
}

Result<std::optional<ApplyReport>> DeclaredApply::run(const ApplyOptions& options, HandOver hand_over_to) {
    const auto lock = outside_.lock();
    if (!lock) {
        return tl::unexpected<Error>(lock.error());
    }
    if (hand_over_to == HandOver::none) {
        if (const auto refusal = refusal_beside_daemon(
                outside_.daemon,
                "run `systemctl stop mptcp-keeper` first, or install the file in /etc/mptcp-keeper")) {
            return tl::unexpected<Error>(*refusal);
        }
    }
    const auto declaration = outside_.read();
    if (!declaration) {
        return std::optional<ApplyReport>();
    }
    auto report = hand_over_to == HandOver::none ? outside_.engine.apply(declaration->desired, options)
                                                 : apply(*declaration, options);
    if (!report) {
        return tl::unexpected<Error>(report.error());
    }
    if (hand_over_to == HandOver::to_daemon && !report->taken_back) {
        hand_over(*declaration, options, *report);
    }
    return std::optional<ApplyReport>(std::move(*report));
}

Result<ApplyReport> DeclaredApply::apply(const Declaration& declaration, const ApplyOptions& options) {
    const auto before = outside_.mark.load();
    if (!before) {
        return tl::unexpected<Error>(before.error());
    }
    const std::uint64_t number = before->last_used + 1;
    const auto marked =
        outside_.mark.save({.number = number, .last_used = number, .fingerprint = declaration.fingerprint});
    if (!marked) {
        return fail("nothing was changed", marked.error());
    }
    auto report = outside_.engine.apply(declaration.desired, options);
    if (report && !report->taken_back) {
        return report;
    }
    // The declaration before it is in force again. The number stays used: a daemon that was reloaded in the
    // meantime knows it.
    const auto restored = outside_.mark.save(
        {.number = before->number, .last_used = number, .fingerprint = before->fingerprint});
    if (report && !restored) {
        report->warnings.push_back(restored.error().message);
    }
    return report;
}

void DeclaredApply::hand_over(
    const Declaration& declaration, const ApplyOptions& options, ApplyReport& report) {
    const auto reply = outside_.daemon.ask({declaration.fingerprint});
    std::string problem;
    if (!reply) {
        problem = reply.error().message + load_again;
    } else if (*reply && !(*reply)->refusal.empty()) {
        problem = "the running daemon did not take the files over: " + (*reply)->refusal;
    } else if (*reply && (*reply)->fingerprint != declaration.fingerprint) {
        problem = "the running daemon has loaded other files than those that were applied: they were changed "
                  "in the meantime; run `mptcp-keeper apply` again";
    } else if (*reply && (*reply)->mode == ReconcileMode::enforce) {
        if (auto warning = left_to_daemon(declaration.desired, options)) {
            report.warnings.push_back(std::move(*warning));
        }
    }
    if (!problem.empty()) {
        report.hand_over_failure = problem;
        report.failed = true;
        report.warnings.push_back("what was applied remains in effect, but " + problem);
    }
}

std::optional<std::string>
DeclaredApply::left_to_daemon(const DesiredState& desired, const ApplyOptions& options) {
    const std::set<Kind>& covered = options.scope.kinds;
    const std::set<Kind>& all = kinds_of_daemon();
    if (options.scope.boot || std::includes(covered.begin(), covered.end(), all.begin(), all.end())) {
        return std::nullopt;
    }
    Scope rest;
    rest.kinds = all;
    const auto found = outside_.engine.observe(rest, desired);
    if (!found) {
        return "the running daemon applies the rest of the files, which could not be compared with the "
               "host: " +
               found.error().message;
    }
    std::string items;
    for (const Change& change : make_plan(desired, found->state, found->ownership, rest).changes) {
        if (change.standing == Standing::actionable && covered.count(kind_of(change.resource)) == 0) {
            items += (items.empty() ? "" : ", ") + title_of_left(change);
        }
    }
    if (items.empty()) {
        return std::nullopt;
    }
    return "the running daemon has loaded the whole of the files and now also applies, outside of --only: " +
           items;
}

} // namespace keeper
