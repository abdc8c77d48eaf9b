// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/notice_text.hpp"

#include "config/config_hash.hpp"
#include "report/plan_text.hpp"
#include "report/style.hpp"

namespace keeper {

namespace {

std::string found_of(const Change& change) {
    return text_of(change.before);
}
std::string declared_of(const Change& change) {
    return text_of(change.after) + (change.source.empty() ? "" : " (" + change.source + ")");
}

} // namespace

std::string repaired_text(const Change& change) {
    return "repaired " + title_of(change) + ": found " + found_of(change) + ", declared " +
           declared_of(change);
}

std::string drifted_text(const Change& change) {
    return title_of(change) + " has drifted: found " + found_of(change) + ", declared " +
           declared_of(change) + "; not repaired because reconcile.mode is report";
}

std::string applied_text(const Change& change) {
    return "applied " + title_of(change) + ": found " + found_of(change) + ", declared " +
           declared_of(change);
}

std::string failed_text(const Change& change, const std::string& reason) {
    if (change.key == all_profiles) {
        return "cannot manage profiles (" + change.source + "): " + reason;
    }
    return "cannot change " + title_of(change) + " to " + declared_of(change) + ": " + reason;
}

std::string loaded_text(const std::string& hash, const std::vector<std::string>& files) {
    return "loaded configuration " + short_hash(hash) + " from " +
           (files.size() == 1 ? files.front() : count_of(files.size(), "file", "files"));
}

std::string backed_off_text(const Change& change, const std::string& rival, std::chrono::milliseconds pause) {
    return title_of(change) + " keeps being changed to " + found_of(change) + ", probably by " + rival +
           "; next repair in " + std::to_string(pause.count() / 1000) + " s";
}

} // namespace keeper
