// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <set>

#include "model/desired_state.hpp"
#include "model/observed_state.hpp"

namespace keeper {

/// Endpoints that are in the kernel before their address is usable. The kernel tries an endpoint once, when
/// it is added; for the connections that exist by then, an endpoint that came too early must be added again.
class PrematureEndpoints {
  public:
    /// Adds endpoints whose address is not usable, and forgets those that no longer exist.
    /// Does nothing if the links or endpoints are unknown.
    void update(const ObservedState& state);
    /// A plan for the state of the last update was carried out: forgets those whose address was usable then,
    /// whether a connection lacked them or not. Keeps those that no plan can contain yet, since the profile
    /// that declares them is being activated or NetworkManager did not answer.
    void forget_tried(const DesiredState& desired);

    [[nodiscard]] const std::set<SocketAddress>& keys() const { return keys_; }

  private:
    std::set<SocketAddress> keys_;
    std::set<IpAddress> usable_;             ///< at the last update
    std::set<IpAddress> of_unknown_profile_; ///< on devices that may run a profile which was not known then
};

} // namespace keeper
