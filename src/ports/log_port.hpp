// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace keeper {

/// The priority of a log line; values of syslog(3).
enum class LogPriority { error = 3, warning = 4, notice = 5, info = 6 };

/// One line of a log.
struct LogLine {
    LogPriority priority = LogPriority::info;
    std::string message;
    /// Structured fields, with names in capitals ("RESOURCE"); a log without fields drops them.
    std::vector<std::pair<std::string, std::string>> fields;
    friend bool operator==(const LogLine&, const LogLine&) = default;
};

/// The daemon's log. A log that cannot be written never stops the daemon.
class LogPort {
  public:
    virtual ~LogPort() = default;
    virtual void write(const LogLine& line) = 0;
};

} // namespace keeper
