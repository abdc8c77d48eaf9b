// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "plan/plan.hpp"

namespace keeper {

/// The daemon's messages, for the journal or another log. One call is one line.
class Notices {
  public:
    virtual ~Notices() = default;

    /// A drifted item was repaired.
    virtual void repaired(const Change& change) = 0;
    /// An item drifted and is left unchanged, because of reconcile.mode.
    virtual void drifted(const Change& change) = 0;
    /// An item is not as declared and could not be changed.
    virtual void failed(const Change& change, const std::string& reason) = 0;
    /// Repairs of an item are paused.
    virtual void
    backed_off(const Change& change, const std::string& rival, std::chrono::milliseconds pause) = 0;
    /// An item was applied because it was newly loaded, not because it drifted.
    virtual void applied(const Change& change) = 0;
    /// A configuration with that LoadedConfig::hash is in force from now on.
    virtual void loaded(const std::string& hash, const std::vector<std::string>& files) = 0;
    virtual void error(const std::string& text) = 0;
    virtual void warning(const std::string& text) = 0;
    virtual void info(const std::string& text) = 0;
};

} // namespace keeper
