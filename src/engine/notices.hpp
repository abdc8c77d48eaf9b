#pragma once

#include <chrono>
#include <string>

#include "plan/plan.hpp"

namespace keeper {

/// What the daemon has to say, to the journal or wherever its log goes. One call is one line.
class Notices {
  public:
    virtual ~Notices() = default;

    /// A drifted item was put back.
    virtual void repaired(const Change& change) = 0;
    /// An item drifted and is left as it is, since reconcile.mode says so.
    virtual void drifted(const Change& change) = 0;
    /// An item is not as declared and could not be made so.
    virtual void failed(const Change& change, const std::string& reason) = 0;
    /// The keeper stops repairing an item for a while.
    virtual void
    backed_off(const Change& change, const std::string& rival, std::chrono::milliseconds pause) = 0;
    /// What was applied because it was loaded, not because it drifted.
    virtual void applied(const Change& change) = 0;
    virtual void error(const std::string& text) = 0;
    virtual void warning(const std::string& text) = 0;
    virtual void info(const std::string& text) = 0;
};

} // namespace keeper
