#pragma once

#include <optional>
#include <string>

#include "plan/planner.hpp"

namespace keeper::planner {

/// How a live device gets the declared flags.
struct LivePlan {
    LiveDevice device;
    /// What the endpoints' change amounts to, by whatever means: for the impact.
    std::vector<EndpointAction> effect;
    /// Only the profile's next activation makes it final; the reason, as a sentence.
    std::optional<std::string> pending;
    std::vector<std::string> warnings;
    /// Endpoints of other programs that are in the way, and why.
    struct Blocked {
        Endpoint endpoint;
        std::string reason;
    };
    std::vector<Blocked> blocked;
};

/// Chooses the least disturbing means for one device of a profile that a rule decides, where devices and
/// endpoints are known. Nothing is left to do
/// where device.endpoints is empty and device.reapply is not set.
[[nodiscard]] LivePlan plan_live_device(const Input& input, const ManagedDevice& device);

} // namespace keeper::planner
