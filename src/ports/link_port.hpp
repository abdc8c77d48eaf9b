#pragma once

#include <vector>

#include "base/result.hpp"
#include "model/observed_state.hpp"

namespace keeper {

/// Interfaces, their addresses and default routes of one network namespace.
class LinkPort {
  public:
    virtual ~LinkPort() = default;
    /// Sorted by ifindex; addresses in the kernel's order.
    [[nodiscard]] virtual Result<std::vector<Link>> links() = 0;
};

} // namespace keeper
