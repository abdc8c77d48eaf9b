// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/service/journal_log.hpp"

#include <cstdlib>

// The source location is of no use to an administrator, and contains paths of the build host.
#define SD_JOURNAL_SUPPRESS_LOCATION

#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include "base/text/printable.hpp"

namespace keeper {

namespace {

/// JOURNAL_STREAM contains device and inode of the stream that systemd connected. A child with another
/// standard error, such as a terminal, inherits the variable all the same (systemd.exec(5)).
bool is_journal_on_stderr() {
    const char* stream = std::getenv("JOURNAL_STREAM");
    struct stat file {};
    return stream != nullptr && ::fstat(STDERR_FILENO, &file) == 0 &&
           stream == std::to_string(file.st_dev) + ":" + std::to_string(file.st_ino);
}

} // namespace

JournalLog::JournalLog() : to_journal_(is_journal_on_stderr()) {}

void JournalLog::write(const LogLine& line) {
    if (!to_journal_) {
        const std::string text = printable_line(line.message) + "\n";
        (void)!::write(STDERR_FILENO, text.data(), text.size());
        return;
    }
    std::vector<std::string> fields{
        "PRIORITY=" + std::to_string(static_cast<int>(line.priority)),
        "MESSAGE=" + printable_line(line.message),
        "SYSLOG_IDENTIFIER=mptcp-keeper"};
    for (const auto& [name, value] : line.fields) {
        fields.push_back(name + "=" + printable_line(value));
    }
    std::vector<iovec> vectors;
    for (std::string& field : fields) {
        vectors.push_back({field.data(), field.size()});
    }
    (void)sd_journal_sendv(vectors.data(), static_cast<int>(vectors.size()));
}

} // namespace keeper
