// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string_view>

#include "adapters/on_demand/system_services.hpp"
#include "ports/scope_port.hpp"

namespace keeper {

/// The program hook as sockets show it, and scopes through the module, which is loaded only to start one.
class OnDemandScopes final : public ScopePort {
  public:
    /// `is_other_network`: this is not the host's network namespace.
    OnDemandScopes(OnDemandServices& services, bool is_other_network)
        : services_(services), is_other_network_(is_other_network) {}

    [[nodiscard]] HookState hook_state() override;
    [[nodiscard]] Result<void> enter_scope(std::string_view program) override;

  private:
    OnDemandServices& services_;
    bool is_other_network_;
};

} // namespace keeper
