// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "plan/planner.hpp"

namespace keeper::planner {

/// The flags with which NetworkManager creates the declared endpoint from the profile: the profile's own
/// (declared, otherwise stored) and the endpoint's. If NetworkManager refuses the combination, the endpoint's
/// take precedence.
[[nodiscard]] MptcpFlags flags_with_endpoint(
    const Input& input, const ManagedDevice& maker, const SocketAddress& key, EndpointFlags wanted);

/// The message for a declared endpoint that NetworkManager itself creates, with the profile rule to declare
/// instead. Several lines.
[[nodiscard]] std::string suggest_profile(
    const Input& input, const ManagedDevice& maker, const SocketAddress& key, EndpointFlags wanted);

} // namespace keeper::planner
