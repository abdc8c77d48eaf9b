#pragma once

#include <string>
#include <utility>
#include <vector>

namespace keeper {

/// How much a log line matters; values of syslog(3).
enum class LogPriority { error = 3, warning = 4, notice = 5, info = 6 };

/// One line of a log.
struct LogLine {
    LogPriority priority = LogPriority::info;
    std::string message;
    /// Structured fields, names in capitals ("RESOURCE"); a log without fields drops them.
    std::vector<std::pair<std::string, std::string>> fields;
    friend bool operator==(const LogLine&, const LogLine&) = default;
};

/// Where a daemon's log goes. A log that nobody takes never stops the daemon.
class LogPort {
  public:
    virtual ~LogPort() = default;
    virtual void write(const LogLine& line) = 0;
};

} // namespace keeper
