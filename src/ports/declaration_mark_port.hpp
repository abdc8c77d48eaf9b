#pragma once

#include "base/result.hpp"
#include "model/declaration_mark.hpp"

namespace keeper {

/// Where the mark is kept. Survives the processes, and not the next boot.
class DeclarationMarkPort {
  public:
    virtual ~DeclarationMarkPort() = default;

    /// An empty mark where there is none yet.
    [[nodiscard]] virtual Result<DeclarationMark> load() = 0;
    /// The caller holds the lock.
    [[nodiscard]] virtual Result<void> save(const DeclarationMark& mark) = 0;
};

} // namespace keeper
