// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/plan_text.hpp"

#include <algorithm>

#include "base/text/join.hpp"
#include "plan/plan_warnings.hpp"

namespace keeper {

namespace {

struct ValueToText {
    std::string operator()(std::monostate) const { return "none"; }
    std::string operator()(const std::string& text) const { return text.empty() ? "\"\"" : printable(text); }
    std::string operator()(std::uint32_t number) const { return std::to_string(number); }
    std::string operator()(const EndpointValue& endpoint) const {
        std::string text = endpoint.flags.empty() ? "no flags" : joined(names(endpoint.flags), ",");
        if (!endpoint.interface.empty()) {
            text += " on " + printable(endpoint.interface);
        }
        if (endpoint.id.value != 0) {
            text += " id " + std::to_string(endpoint.id.value);
        }
        return text;
    }
    std::string operator()(MptcpFlags flags) const { return to_string(flags); }
};

bool is_none(const Value& value) {
    return std::holds_alternative<std::monostate>(value);
}

std::string transition_of(const Change& change) {
    if (is_none(change.before) && is_none(change.after)) {
        return "";
    }
    return ": " + text_of(change.before) + " → " + text_of(change.after);
}

std::string impact_sentence(Impact impact, std::uint32_t connections) {
    const std::string number = count_of(connections, "live connection", "live connections");
    switch (impact) {
    case Impact::none:
        return "";
    case Impact::subflows_rebuilt:
        return "rebuilds subflows of " + number;
    case Impact::connections_may_close:
        return "may close " + number;
    }
    return "";
}

struct Mark {
    std::string_view sign;
    Tone tone = Tone::plain;
    std::string_view label; ///< after the item; empty if the sign is sufficient
};

Mark mark_of(const Change& change) {
    switch (change.actionability) {
    case Actionability::actionable:
        return is_none(change.before)  ? Mark{"+", Tone::good, ""}
               : is_none(change.after) ? Mark{"-", Tone::bad, ""}
                                       : Mark{"~", Tone::caution, ""};
    case Actionability::deferred:
        return {"…", Tone::faint, "deferred"};
    case Actionability::unsupported:
        return {"?", Tone::faint, "unsupported"};
    case Actionability::blocked:
        return {"✗", Tone::bad, "cannot be applied"};
    }
    return {};
}

Mark mark_of(Outcome outcome) {
    switch (outcome) {
    case Outcome::applied:
        return {"✓", Tone::good, "applied"};
    case Outcome::failed:
        return {"✗", Tone::bad, "failed"};
    case Outcome::deferred:
        return {"…", Tone::faint, "deferred"};
    case Outcome::unsupported:
        return {"?", Tone::faint, "unsupported"};
    case Outcome::reverted:
        return {"↶", Tone::caution, "reverted"};
    }
    return {};
}

/// One change: a line with the item and its values; below it, indented, source, means, impact and error.
std::string block(const Change& change, const Mark& mark, const std::string& error, Colour colour) {
    std::string text = paint(colour, mark.tone, mark.sign) + " " +
                       paint(colour, Tone::strong, printable(title_of(change))) + transition_of(change);
    if (!mark.label.empty()) {
        text += "  " + paint(colour, mark.tone, mark.label);
    }
    text += "\n";
    std::vector<std::string> reasons;
    for (const std::string& reason : {change.source, change.note}) {
        if (!reason.empty() && reason != error) {
            reasons.push_back(printable_lines(reason, "    "));
        }
    }
    if (!reasons.empty()) {
        text += "    " + paint(colour, Tone::faint, joined(reasons, " · ")) + "\n";
    }
    if (change.impact != Impact::none) {
        const Tone tone = change.impact == Impact::connections_may_close ? Tone::bad : Tone::caution;
        text +=
            "    " + paint(colour, tone, impact_sentence(change.impact, change.connections_affected)) + "\n";
    }
    if (!error.empty()) {
        text += "    " + paint(colour, Tone::bad, printable_lines(error, "    ")) + "\n";
    }
    return text;
}

/// The worst impact of all changes on live connections.
std::string impact_summary(const std::vector<const Change*>& changes) {
    Impact worst = Impact::none;
    for (const Change* change : changes) {
        worst = std::max(worst, change->impact);
    }
    switch (worst) {
    case Impact::none:
        return "no live connection is affected";
    case Impact::subflows_rebuilt:
        return "subflows of live connections are rebuilt";
    case Impact::connections_may_close:
        return "live connections may close";
    }
    return "";
}

void add_count(std::vector<std::string>& parts, std::size_t number, std::string_view what) {
    if (number > 0) {
        parts.push_back(std::to_string(number).append(" ").append(what));
    }
}

std::size_t count(const Plan& plan, Actionability actionability) {
    return static_cast<std::size_t>(
        std::count_if(plan.changes.begin(), plan.changes.end(), [&](const Change& change) {
            return change.actionability == actionability;
        }));
}

std::size_t count(const ApplyReport& report, Outcome outcome) {
    return static_cast<std::size_t>(
        std::count_if(report.changes.begin(), report.changes.end(), [&](const AppliedChange& applied) {
            return applied.outcome == outcome;
        }));
}

std::string summary(const Plan& plan, Colour colour) {
    std::vector<const Change*> actionable;
    for (const Change& change : plan.changes) {
        if (change.actionability == Actionability::actionable) {
            actionable.push_back(&change);
        }
    }
    std::vector<std::string> parts;
    if (!actionable.empty()) {
        parts.push_back(count_of(actionable.size(), "change", "changes") + " to make");
    }
    add_count(parts, count(plan, Actionability::blocked), "cannot be applied");
    add_count(parts, count(plan, Actionability::deferred), "deferred");
    add_count(parts, count(plan, Actionability::unsupported), "unsupported");
    if (plan.in_sync()) {
        parts.insert(parts.begin(), "in sync, nothing to do");
    }
    std::string text = paint(colour, plan.in_sync() ? Tone::good : Tone::strong, joined(parts, ", "));
    if (!actionable.empty()) {
        text += "; " + impact_summary(actionable);
    }
    return text + "\n";
}

constexpr const char* not_loaded = "NOT loaded by the running daemon";

std::string summary(const ApplyReport& report, Colour colour) {
    std::vector<std::string> parts;
    add_count(parts, count(report, Outcome::applied), "applied");
    add_count(parts, count(report, Outcome::failed), "failed");
    add_count(parts, count(report, Outcome::reverted), "reverted");
    add_count(parts, count(report, Outcome::deferred), "deferred");
    add_count(parts, count(report, Outcome::unsupported), "unsupported");
    if (!report.changed) {
        parts.insert(parts.begin(), report.failed ? "nothing changed" : "in sync, nothing to do");
    }
    const std::string verified = report.verified ? "read back and verified" : "NOT verified";
    return paint(colour, report.failed ? Tone::bad : Tone::good, joined(parts, ", ")) + "; " +
           paint(colour, report.verified ? Tone::plain : Tone::bad, verified) +
           (report.hand_over_failure.empty() ? "" : "; " + paint(colour, Tone::bad, not_loaded)) + "\n";
}

} // namespace

std::string text_of(const Value& value) {
    return std::visit(ValueToText{}, value);
}

std::string plan_text(const Plan& plan, Colour colour) {
    std::string text;
    for (const Change& change : plan.changes) {
        text += block(change, mark_of(change), "", colour);
    }
    return text + summary(plan, colour);
}

std::string apply_text(const ApplyReport& report, Colour colour) {
    std::string text;
    for (const AppliedChange& applied : report.changes) {
        text += block(applied.change, mark_of(applied.outcome), applied.error, colour);
    }
    return text + summary(report, colour);
}

} // namespace keeper
