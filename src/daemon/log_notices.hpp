// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "engine/notices.hpp"
#include "ports/log_port.hpp"

namespace keeper {

/// Writes the notices to a log.
///
/// A line about an item has the fields RESOURCE, KEY, FOUND, DECLARED and SOURCE, and a MESSAGE_ID for the
/// kind of notice:
///   8ab6b1cf8c4b4c1b9bb4f1d1f0a9c001  repaired
///   8ab6b1cf8c4b4c1b9bb4f1d1f0a9c002  drifted and not repaired
///   8ab6b1cf8c4b4c1b9bb4f1d1f0a9c003  could not be repaired
///   8ab6b1cf8c4b4c1b9bb4f1d1f0a9c004  backed off, with the field RIVAL
///   8ab6b1cf8c4b4c1b9bb4f1d1f0a9c005  applied after a load
/// The line about a loaded configuration has the field CONFIG_HASH and the MESSAGE_ID
///   8ab6b1cf8c4b4c1b9bb4f1d1f0a9c006
class LogNotices final : public Notices {
  public:
    explicit LogNotices(LogPort& log) : log_(log) {}

    void repaired(const Change& change) override;
    void drifted(const Change& change) override;
    void applied(const Change& change) override;
    void failed(const Change& change, const std::string& reason) override;
    void backed_off(const Change& change, const std::string& rival, std::chrono::milliseconds pause) override;
    void loaded(const std::string& hash, const std::vector<std::string>& files) override;
    void error(const std::string& text) override;
    void warning(const std::string& text) override;
    void info(const std::string& text) override;

  private:
    LogPort& log_;
};

} // namespace keeper
