// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <set>
#include <vector>

#include "model/observed_state.hpp"

namespace keeper {

/// Endpoints that are in the kernel before their address is usable. The kernel tries an endpoint once, when
/// it is added; for the connections that exist by then, an endpoint that came too early must be added again.
class PrematureEndpoints {
  public:
    /// Adds endpoints whose address is not usable, and forgets those that no longer exist.
    void update(const std::vector<Link>& links, const std::vector<Endpoint>& endpoints);
    /// A plan for the state of the last update was carried out: forgets those whose address was usable then,
    /// whether a connection lacked them or not.
    void forget_tried();

    [[nodiscard]] const std::set<SocketAddress>& keys() const { return keys_; }

  private:
    std::set<SocketAddress> keys_;
    std::set<IpAddress> usable_; ///< at the last update
};

} // namespace keeper
