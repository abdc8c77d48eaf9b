#pragma once

#include "plan/planner.hpp"

namespace keeper::planner {

/// The flags that a profile takes so that NetworkManager makes of it the endpoint that was declared: those
/// that it has (declared before stored), and the endpoint's. Where NetworkManager refuses the two together,
/// the endpoint's are kept.
[[nodiscard]] MptcpFlags flags_with_endpoint(
    const Input& input, const ManagedDevice& maker, const EndpointKey& key, EndpointFlags wanted);

/// Where NetworkManager itself makes a declared endpoint: that it does, and the profile rule to paste in the
/// endpoint's stead. Several lines.
[[nodiscard]] std::string network_manager_makes_it(
    const Input& input, const ManagedDevice& maker, const EndpointKey& key, EndpointFlags wanted);

} // namespace keeper::planner
