// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/hand_over.hpp"

#include <algorithm>

#include "base/text/join.hpp"
#include "engine/trial.hpp"

namespace keeper {

namespace {

constexpr const char* load_again =
    "; it enforces nothing until it has loaded the files; run `mptcp-keeper apply` again, or "
    "`systemctl reload mptcp-keeper`";

Section section_of(Resource resource) {
    switch (resource) {
    case Resource::sysctl:
        return Section::sysctl;
    case Resource::limit:
        return Section::limits;
    case Resource::endpoint:
        return Section::endpoints;
    case Resource::profile:
        return Section::profiles;
    case Resource::unit:
        return Section::units;
    case Resource::program_hook:
        return Section::program_hook;
    }
    return Section::sysctl;
}

} // namespace

const std::set<Section>& daemon_sections() {
    static const std::set<Section> sections{
        Section::sysctl, Section::limits, Section::endpoints, Section::profiles, Section::program_hook};
    return sections;
}

std::optional<Error> conflict_with_daemon(DaemonPort& daemon, const std::string& advice) {
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
    const auto lock = dependencies_.lock();
    if (!lock) {
        return propagate(lock);
    }
    if (const auto none = require_no_try(dependencies_.tries, dependencies_.clock); !none) {
        return propagate(none);
    }
    if (hand_over_to == HandOver::none) {
        if (const auto refusal = conflict_with_daemon(
                dependencies_.daemon,
                "run `systemctl stop mptcp-keeper` first, or install the file in /etc/mptcp-keeper")) {
            return fail(*refusal);
        }
    }
    const auto declaration = dependencies_.read();
    if (!declaration) {
        return std::optional<ApplyReport>();
    }
    auto report = hand_over_to == HandOver::none ? dependencies_.engine.apply(declaration->desired, options)
                                                 : apply(*declaration, options);
    if (!report) {
        return propagate(report);
    }
    if (hand_over_to == HandOver::to_daemon && !report->reverted) {
        dependencies_.tries.forget_reverted();
        hand_over(*declaration, options, *report);
    }
    return std::optional<ApplyReport>(std::move(*report));
}

Result<ApplyReport> DeclaredApply::apply(const Declaration& declaration, const ApplyOptions& options) {
    const auto before = dependencies_.mark.load();
    if (!before) {
        return propagate(before);
    }
    const std::uint64_t number = before->last_used + 1;
    const auto marked = dependencies_.mark.save(
        {.number = number, .last_used = number, .fingerprint = declaration.fingerprint});
    if (!marked) {
        return fail("nothing was changed", marked.error());
    }
    auto report = dependencies_.engine.apply(declaration.desired, options);
    if (report && !report->reverted) {
        return report;
    }
    // The previous declaration is in force again. The number stays used: a daemon that was reloaded since may
    // know it.
    const auto restored = dependencies_.mark.save(
        {.number = before->number, .last_used = number, .fingerprint = before->fingerprint});
    if (report && !restored) {
        report->warnings.push_back(restored.error().message);
    }
    return report;
}

void DeclaredApply::hand_over(
    const Declaration& declaration, const ApplyOptions& options, ApplyReport& report) {
    const auto reply = dependencies_.daemon.ask({declaration.fingerprint});
    std::string problem;
    if (!reply) {
        problem = reply.error().message + load_again;
    } else if (*reply && !(*reply)->refusal.empty()) {
        problem = "the running daemon refused the files: " + (*reply)->refusal;
    } else if (*reply && (*reply)->fingerprint != declaration.fingerprint) {
        problem = "the files that the running daemon loaded are not those that were applied: they changed "
                  "during the apply; run `mptcp-keeper apply` again";
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
    const std::set<Section>& covered = options.scope.sections;
    const std::set<Section>& all = daemon_sections();
    if (options.scope.boot || std::includes(covered.begin(), covered.end(), all.begin(), all.end())) {
        return std::nullopt;
    }
    Scope rest;
    rest.sections = all;
    auto found = dependencies_.engine.observe(rest, desired);
    if (!found) {
        return "the running daemon also applies the rest of the files; what that changes is unknown: " +
               found.error().message;
    }
    std::vector<std::string> items;
    for (const Change& change : dependencies_.engine.plan(desired, *found, rest).changes) {
        if (change.actionability == Actionability::actionable &&
            covered.count(section_of(change.resource)) == 0) {
            items.push_back(title_of(change));
        }
    }
    if (items.empty()) {
        return std::nullopt;
    }
    return "the running daemon has loaded all of the files and also applies, outside of --only: " +
           joined(items, ", ");
}

} // namespace keeper
