// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <memory>

#include "base/result.hpp"

namespace keeper {

/// The lock that every writer of the host's state takes: apply, reset and the daemon's rounds.
class LockPort {
  public:
    virtual ~LockPort() = default;

    /// Holds the lock while it exists.
    class Guard {
      public:
        virtual ~Guard() = default;
    };
    /// Does not wait; null if another process holds it. Fails if it cannot be taken at all.
    [[nodiscard]] virtual Result<std::unique_ptr<Guard>> try_lock() = 0;
    /// Waits until the lock is free, and calls `on_wait` once if that is not soon. ErrorKind::busy: another
    /// process still held it after a minute.
    [[nodiscard]] virtual Result<std::unique_ptr<Guard>> lock(const std::function<void()>& on_wait) = 0;
};

} // namespace keeper
