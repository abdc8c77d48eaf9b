#include "adapters/systemd/log_notices.hpp"

#include <cstdlib>
#include <string_view>
#include <vector>

#include <sys/uio.h>
#include <syslog.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include "report/notice_text.hpp"
#include "report/plan_text.hpp"

namespace keeper {

namespace {

constexpr std::string_view id_repaired = "8ab6b1cf8c4b4c1b9bb4f1d1f0a9c001";
constexpr std::string_view id_drifted = "8ab6b1cf8c4b4c1b9bb4f1d1f0a9c002";
constexpr std::string_view id_failed = "8ab6b1cf8c4b4c1b9bb4f1d1f0a9c003";
constexpr std::string_view id_backed_off = "8ab6b1cf8c4b4c1b9bb4f1d1f0a9c004";
constexpr std::string_view id_applied = "8ab6b1cf8c4b4c1b9bb4f1d1f0a9c005";

/// One line of the log.
class Line {
  public:
    Line(int priority, const std::string& message) : message_(message) {
        add("PRIORITY", std::to_string(priority));
        add("MESSAGE", message);
        add("SYSLOG_IDENTIFIER", "mptcp-keeper");
    }
    Line& add(std::string_view name, std::string_view value) {
        fields_.push_back(std::string(name) + "=" + std::string(value));
        return *this;
    }
    Line& about(const Change& change) {
        add("RESOURCE", to_string(change.resource));
        add("KEY", change.key);
        add("FOUND", text_of(change.before));
        add("DECLARED", text_of(change.after));
        return add("SOURCE", change.source);
    }
    void write(bool to_journal) const {
        if (!to_journal) {
            const std::string line = message_ + "\n";
            // A log that nobody takes must not stop the daemon.
            (void)!::write(STDERR_FILENO, line.data(), line.size());
            return;
        }
        std::vector<iovec> vectors;
        for (const std::string& field : fields_) {
            vectors.push_back({const_cast<char*>(field.data()), field.size()});
        }
        (void)sd_journal_sendv(vectors.data(), static_cast<int>(vectors.size()));
    }

  private:
    std::string message_;
    std::vector<std::string> fields_;
};

} // namespace

LogNotices::LogNotices() : to_journal_(std::getenv("JOURNAL_STREAM") != nullptr) {}

void LogNotices::repaired(const Change& change) {
    Line(LOG_NOTICE, repaired_text(change)).add("MESSAGE_ID", id_repaired).about(change).write(to_journal_);
}

void LogNotices::drifted(const Change& change) {
    Line(LOG_WARNING, drifted_text(change)).add("MESSAGE_ID", id_drifted).about(change).write(to_journal_);
}

void LogNotices::applied(const Change& change) {
    Line(LOG_INFO, applied_text(change)).add("MESSAGE_ID", id_applied).about(change).write(to_journal_);
}

void LogNotices::failed(const Change& change, const std::string& reason) {
    Line(LOG_ERR, failed_text(change, reason)).add("MESSAGE_ID", id_failed).about(change).write(to_journal_);
}

void LogNotices::backed_off(const Change& change, const std::string& rival, std::chrono::milliseconds pause) {
    Line(LOG_WARNING, backed_off_text(change, rival, pause))
        .add("MESSAGE_ID", id_backed_off)
        .about(change)
        .add("RIVAL", rival)
        .write(to_journal_);
}

void LogNotices::error(const std::string& text) {
    Line(LOG_ERR, text).write(to_journal_);
}
void LogNotices::warning(const std::string& text) {
    Line(LOG_WARNING, text).write(to_journal_);
}
void LogNotices::info(const std::string& text) {
    Line(LOG_INFO, text).write(to_journal_);
}

} // namespace keeper
