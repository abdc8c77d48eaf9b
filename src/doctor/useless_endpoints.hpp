// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "doctor/facts_view.hpp"

/// Endpoints that use up the kernel's table and provide no path.
namespace keeper::rules {

/// "it has no flags", "its only flag is backup": for an endpoint without signal, subflow, fullmesh and
/// laminar.
[[nodiscard]] std::string describe_flags(const Endpoint& endpoint);

/// Whether the address is on a bridge, a container's interface or the like, without a route to other
/// networks.
[[nodiscard]] bool is_host_internal(const Facts& facts, const AddressOnLink& local);

/// Endpoints that no connection can use, and that are neither declared nor NetworkManager's. Empty if it is
/// unknown which are NetworkManager's.
[[nodiscard]] std::vector<Endpoint> useless_endpoints(const Facts& facts);

/// The commands that delete these, one per line, with the reason for each; empty if there are none.
[[nodiscard]] std::string delete_useless(const Facts& facts);

} // namespace keeper::rules
