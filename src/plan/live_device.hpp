// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plan/planner.hpp"

namespace keeper::planner {

/// How a live device gets the declared flags.
struct LivePlan {
    LiveDevice device;
    /// The effect on the endpoints, by whatever means: for the impact.
    std::vector<EndpointAction> effect;
    /// Why the change is only complete after the profile's next activation; std::nullopt if it is complete.
    std::optional<std::string> pending;
    std::vector<std::string> warnings;
    /// Endpoints of other programs that are in the way, and why.
    struct Blocked {
        Endpoint endpoint;
        std::string reason;
    };
    std::vector<Blocked> blocked;
};

/// Chooses the least disruptive means for one device of a profile that a rule decides. Devices and endpoints
/// must be known. There is nothing to do if device.endpoints is empty and device.reapply is not set.
[[nodiscard]] LivePlan plan_live_device(const Input& input, const ManagedDevice& device);

} // namespace keeper::planner
