// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <set>
#include <string>

#include "model/desired_state.hpp"
#include "model/link_change.hpp"
#include "model/observed_state.hpp"
#include "model/ownership.hpp"

namespace keeper {

/// The interfaces and addresses on which the plan of a declaration depends, as of one observation: those of
/// declared, recorded and existing endpoints, and the devices of NetworkManager for which it creates
/// endpoints. A change of any other link leaves the plan as it is, whatever happened before: what connects a
/// link to an item (its name, an address, an activation) is itself part of a change that concerns the item.
///
/// Built once per observation, so that a change costs a few look-ups. Pure.
class LinkDependencies {
  public:
    /// Depends on nothing: neither the declaration nor the record has an item that needs a link.
    LinkDependencies() = default;
    /// The links and endpoints must be known.
    LinkDependencies(const DesiredState& desired, const ObservedState& observed, const Ownership& ownership);

    [[nodiscard]] bool concern(const LinkChange& change) const;
    [[nodiscard]] bool include(Ifindex ifindex) const { return ifindexes_.count(ifindex) != 0; }

  private:
    std::set<std::string> names_;
    std::set<IpAddress> addresses_;
    std::set<Ifindex> ifindexes_;
    bool has_devices_ = false; ///< for which NetworkManager may create endpoints, which depend on routes
};

} // namespace keeper
