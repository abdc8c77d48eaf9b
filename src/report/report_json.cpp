// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/report_json.hpp"

#include "plan/plan_warnings.hpp"
#include "report/json.hpp"

namespace keeper {

namespace {

Json change_json(const Change& change) {
    Json json{{"resource", to_string(change.resource)}, {"key", change.key}};
    if (change.resource == Resource::profile) {
        json["name"] = change.name;
    }
    json["before"] = json_of(change.before);
    json["after"] = json_of(change.after);
    json["source"] = text_or_null(change.source);
    json["impact"] = to_string(change.impact);
    json["connections_affected"] = change.connections_affected;
    return json;
}

Json change_json(const Change& change, Json result, Json error) {
    Json json = change_json(change);
    json["result"] = std::move(result);
    json["error"] = std::move(error);
    return json;
}

Json dry_run_change_json(const Change& change) {
    switch (change.actionability) {
    case Actionability::actionable:
        return change_json(change, nullptr, nullptr);
    case Actionability::deferred:
        return change_json(change, "deferred", nullptr);
    case Actionability::unsupported:
        return change_json(change, "unsupported", nullptr);
    case Actionability::blocked:
        return change_json(change, "failed", text_or_null(change.note));
    }
    return change_json(change);
}

Json diagnostics_json(const std::vector<Diagnostic>& diagnostics) {
    Json list = Json::array();
    for (const Diagnostic& diagnostic : diagnostics) {
        list.push_back(
            {{"file", diagnostic.source.file},
             {"line", diagnostic.source.line},
             {"column", diagnostic.source.column},
             {"message", diagnostic.message}});
    }
    return list;
}

} // namespace

std::string diff_json(const Plan& plan) {
    Json changes = Json::array();
    for (const Change& change : plan.changes) {
        if (!is_in_sync(change.actionability)) {
            changes.push_back(change_json(change));
        }
    }
    return to_document(
        {{"in_sync", plan.in_sync()}, {"changes", std::move(changes)}, {"warnings", warnings_of(plan)}});
}

namespace {

Json json_of_apply(const ApplyReport& report) {
    Json changes = Json::array();
    for (const AppliedChange& applied : report.changes) {
        changes.push_back(
            change_json(applied.change, to_string(applied.outcome), text_or_null(applied.error)));
    }
    return {
        {"changed", report.changed},
        {"failed", report.failed},
        {"verified", report.verified},
        {"dry_run", false},
        {"changes", std::move(changes)},
        {"warnings", warnings_of(report)}};
}

} // namespace

std::string apply_json(const ApplyReport& report) {
    return to_document(json_of_apply(report));
}

std::string try_json(const ApplyReport& report, const TryReport& shown) {
    Json json = json_of_apply(report);
    json["try"] = {
        {"pending", shown.pending},
        {"deadline", shown.deadline ? Json(utc_text(*shown.deadline)) : Json(nullptr)},
        {"file", text_or_null(shown.file)},
        {"outcome", shown.outcome ? Json(to_string(*shown.outcome)) : Json(nullptr)}};
    return to_document(json);
}

std::string dry_run_json(const Plan& plan) {
    Json changes = Json::array();
    for (const Change& change : plan.changes) {
        changes.push_back(dry_run_change_json(change));
    }
    return to_document(
        {{"changed", false},
         {"failed", false},
         {"verified", false},
         {"dry_run", true},
         {"changes", std::move(changes)},
         {"warnings", warnings_of(plan)}});
}

std::string check_json(const LoadedConfig& config) {
    return to_document(
        {{"valid", config.valid()},
         {"errors", diagnostics_json(config.errors)},
         {"warnings", diagnostics_json(config.warnings)},
         {"config", config.valid() ? config_summary_json(config.hash, "", config.files) : Json(nullptr)}});
}

std::string error_json(std::string_view message) {
    return to_document({{"error", {{"message", message}}}});
}

std::string to_line(const std::string& document) {
    return document.empty() ? "" : json_line(Json::parse(document));
}

} // namespace keeper
