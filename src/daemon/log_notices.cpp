// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/log_notices.hpp"

#include "report/notice_text.hpp"
#include "report/plan_text.hpp"

namespace keeper {

namespace {

constexpr const char* id_repaired = "8ab6b1cf8c4b4c1b9bb4f1d1f0a9c001";
constexpr const char* id_drifted = "8ab6b1cf8c4b4c1b9bb4f1d1f0a9c002";
constexpr const char* id_failed = "8ab6b1cf8c4b4c1b9bb4f1d1f0a9c003";
constexpr const char* id_backed_off = "8ab6b1cf8c4b4c1b9bb4f1d1f0a9c004";
constexpr const char* id_applied = "8ab6b1cf8c4b4c1b9bb4f1d1f0a9c005";
constexpr const char* id_loaded = "8ab6b1cf8c4b4c1b9bb4f1d1f0a9c006";

LogLine line_about(LogPriority priority, const char* id, std::string message, const Change& change) {
    return {
        .priority = priority,
        .message = std::move(message),
        .fields = {
            {"MESSAGE_ID", id},
            {"RESOURCE", std::string(to_string(change.resource))},
            {"KEY", change.key},
            {"FOUND", text_of(change.before)},
            {"DECLARED", text_of(change.after)},
            {"SOURCE", change.source}}};
}

} // namespace

void LogNotices::repaired(const Change& change) {
    log_.write(line_about(LogPriority::notice, id_repaired, repaired_text(change), change));
}

void LogNotices::drifted(const Change& change) {
    log_.write(line_about(LogPriority::warning, id_drifted, drifted_text(change), change));
}

void LogNotices::applied(const Change& change) {
    log_.write(line_about(LogPriority::info, id_applied, applied_text(change), change));
}

void LogNotices::failed(const Change& change, const std::string& reason) {
    log_.write(line_about(LogPriority::error, id_failed, failed_text(change, reason), change));
}

void LogNotices::backed_off(const Change& change, const std::string& rival, std::chrono::milliseconds pause) {
    LogLine line =
        line_about(LogPriority::warning, id_backed_off, backed_off_text(change, rival, pause), change);
    line.fields.emplace_back("RIVAL", rival);
    log_.write(line);
}

void LogNotices::loaded(const std::string& hash, const std::vector<std::string>& files) {
    log_.write(
        {.priority = LogPriority::info,
         .message = loaded_text(hash, files),
         .fields = {{"MESSAGE_ID", id_loaded}, {"CONFIG_HASH", hash}}});
}

void LogNotices::error(const std::string& text) {
    log_.write({.priority = LogPriority::error, .message = text, .fields = {}});
}
void LogNotices::warning(const std::string& text) {
    log_.write({.priority = LogPriority::warning, .message = text, .fields = {}});
}
void LogNotices::info(const std::string& text) {
    log_.write({.priority = LogPriority::info, .message = text, .fields = {}});
}

} // namespace keeper
