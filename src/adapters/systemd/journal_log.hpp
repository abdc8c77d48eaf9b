#pragma once

#include "ports/log_port.hpp"

namespace keeper {

/// The journal with structured fields where standard error is connected to it (systemd sets JOURNAL_STREAM),
/// otherwise lines on standard error.
class JournalLog final : public LogPort {
  public:
    JournalLog();
    void write(const LogLine& line) override;

  private:
    bool to_journal_ = false;
};

} // namespace keeper
