#pragma once

#include <memory>

#include "base/result.hpp"

namespace keeper {

/// The lock that every writer of the host's state takes: apply, reset and the daemon's rounds.
class LockPort {
  public:
    virtual ~LockPort() = default;

    /// While it lives, nobody else writes.
    class Guard {
      public:
        virtual ~Guard() = default;
    };
    /// Does not wait; null where another process has it. An Error where it cannot be taken at all.
    [[nodiscard]] virtual Result<std::unique_ptr<Guard>> try_lock() = 0;
};

} // namespace keeper
