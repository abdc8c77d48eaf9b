// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "ports/log_port.hpp"

namespace keeper {

/// Writes to the journal, with structured fields, if standard error is connected to it (systemd sets
/// JOURNAL_STREAM), otherwise plain lines to standard error.
class JournalLog final : public LogPort {
  public:
    JournalLog();
    void write(const LogLine& line) override;

  private:
    bool to_journal_ = false;
};

} // namespace keeper
