// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "engine/engine.hpp"
#include "plan/link_dependencies.hpp"

namespace keeper {

/// What the last rounds observed, and which changes can concern an item of the declaration since. Until
/// something was observed, every change does.
class LastObservation {
  public:
    void forget() { *this = {}; }
    /// A command may have changed the record.
    void forget_record() { record_.reset(); }
    /// Neither the declaration nor the record has an item that depends on links or NetworkManager.
    void note_that_no_item_needs_links();
    /// After a round with that scope.
    void update(const DesiredState& desired, const Scope& scope, const Observation& found);
    /// After a read that shows nothing that matters.
    void update(NetworkManagerState network_manager) { network_manager_ = std::move(network_manager); }

    [[nodiscard]] bool needs_links() const { return needs_links_; }
    [[nodiscard]] bool is_concerned_by(const LinkChange& change) const;
    [[nodiscard]] bool is_concerned_by(const NetworkManagerState& now, const DesiredState& desired) const;
    /// Whether net.mptcp.enabled, on which NetworkManager's endpoints depend, is not as observed.
    [[nodiscard]] bool differs_in_enabled(const ObservedState& now) const;

    [[nodiscard]] bool has_network_manager() const { return network_manager_.has_value(); }
    /// null if it is not known.
    [[nodiscard]] const Ownership* record() const { return record_ ? &*record_ : nullptr; }
    /// The devices on which profiles are active that rules may change.
    [[nodiscard]] std::set<Ifindex> active_devices() const;
    /// The devices of the endpoints that only one of the lists contains, and those that have their addresses.
    [[nodiscard]] std::set<Ifindex>
    devices_of_difference(const std::vector<Endpoint>& before, const std::vector<Endpoint>& after) const;

  private:
    std::optional<NetworkManagerState> network_manager_;
    std::vector<Link> links_;
    std::optional<Ownership> record_;
    std::optional<bool> enabled_;
    std::optional<LinkDependencies> dependencies_; ///< std::nullopt: every change is of interest
    bool needs_links_ = true;
};

} // namespace keeper
