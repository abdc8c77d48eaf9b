#include "report/notice_text.hpp"

#include "report/plan_text.hpp"

namespace keeper {

namespace {

std::string subject_of(const Change& change) {
    switch (change.resource) {
    case Resource::sysctl:
        return change.key;
    case Resource::limit:
        return "the limit " + change.key;
    case Resource::endpoint:
        return "the endpoint " + change.key;
    case Resource::profile:
        return "profile " + (change.name.empty() ? change.key : "\"" + change.name + "\"");
    case Resource::unit:
        return change.key;
    }
    return change.key;
}

std::string found_of(const Change& change) {
    return text_of(change.before);
}
std::string declared_of(const Change& change) {
    return text_of(change.after) + (change.source.empty() ? "" : " (" + change.source + ")");
}

} // namespace

std::string repaired_text(const Change& change) {
    return "repaired " + subject_of(change) + ": found " + found_of(change) + ", declared " +
           declared_of(change);
}

std::string drifted_text(const Change& change) {
    return subject_of(change) + " has drifted: found " + found_of(change) + ", declared " +
           declared_of(change) + "; left as it is, since reconcile.mode is report";
}

std::string applied_text(const Change& change) {
    return "applied " + subject_of(change) + ": found " + found_of(change) + ", declared " +
           declared_of(change);
}

std::string failed_text(const Change& change, const std::string& reason) {
    if (change.key == all_profiles) {
        return "cannot look after the profiles (" + change.source + "): " + reason;
    }
    return "cannot make " + subject_of(change) + " " + declared_of(change) + ": " + reason;
}

std::string backed_off_text(const Change& change, const std::string& rival, std::chrono::milliseconds pause) {
    return subject_of(change) + " keeps being changed to " + found_of(change) + ", likely by " + rival +
           "; leaving it alone for " + std::to_string(pause.count() / 1000) + " s";
}

} // namespace keeper
