// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/result.hpp"
#include "model/declaration_mark.hpp"

namespace keeper {

/// Storage of the declaration mark. It outlives the processes, but not a reboot.
class DeclarationMarkPort {
  public:
    virtual ~DeclarationMarkPort() = default;

    /// An empty mark if there is none yet.
    [[nodiscard]] virtual Result<DeclarationMark> load() = 0;
    /// The caller must hold the lock.
    [[nodiscard]] virtual Result<void> save(const DeclarationMark& mark) = 0;
};

} // namespace keeper
