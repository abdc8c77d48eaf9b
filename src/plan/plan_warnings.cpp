// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/plan_warnings.hpp"

#include <algorithm>

namespace keeper {

namespace {

void add_once(std::vector<std::string>& texts, const std::string& text) {
    if (std::find(texts.begin(), texts.end(), text) == texts.end()) {
        texts.push_back(text);
    }
}

std::string text_of(const AppliedChange& applied) {
    return title_of(applied.change) + ": " + (applied.error.empty() ? applied.change.note : applied.error);
}

} // namespace

std::vector<std::string> warnings_of(const Plan& plan) {
    std::vector<std::string> result = plan.warnings;
    for (const Change& change : plan.changes) {
        if (change.actionability != Actionability::actionable) {
            add_once(result, title_of(change) + ": " + change.note);
        }
    }
    return result;
}

std::vector<std::string> warnings_of(const ApplyReport& report) {
    std::vector<std::string> result = report.warnings;
    for (const AppliedChange& applied : report.changes) {
        if (applied.outcome == Outcome::deferred || applied.outcome == Outcome::unsupported) {
            add_once(result, text_of(applied));
        }
    }
    return result;
}

std::vector<std::string> failures_of(const ApplyReport& report) {
    std::vector<std::string> result;
    for (const AppliedChange& applied : report.changes) {
        if (applied.outcome == Outcome::failed) {
            add_once(result, text_of(applied));
        }
    }
    return result;
}

} // namespace keeper
