#pragma once

#include "base/result.hpp"
#include "model/ownership.hpp"

namespace keeper {

/// Where the keeper remembers what it changed, across runs and boots.
class StatePort {
  public:
    virtual ~StatePort() = default;
    /// Nothing recorded yet is an empty Ownership. Endpoint records of an earlier boot are left out, and
    /// boot_id is always this boot's. A file that cannot be understood is an error, never an empty state.
    [[nodiscard]] virtual Result<Ownership> load() = 0;
    /// Durable when it returns: write, fsync, rename.
    [[nodiscard]] virtual Result<void> save(const Ownership& ownership) = 0;
};

} // namespace keeper
