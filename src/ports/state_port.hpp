// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/result.hpp"
#include "model/ownership.hpp"

namespace keeper {

/// The record of what the keeper changed, across runs and reboots.
class StatePort {
  public:
    virtual ~StatePort() = default;
    /// An empty Ownership if nothing is recorded yet. Without endpoint records of an earlier boot; boot_id is
    /// always that of this boot. A file that cannot be parsed is an error, never an empty state.
    [[nodiscard]] virtual Result<Ownership> load() = 0;
    /// Durable on return: write, fsync, rename.
    [[nodiscard]] virtual Result<void> save(const Ownership& ownership) = 0;
};

} // namespace keeper
