// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "doctor/facts_view.hpp"
#include "doctor/proposal.hpp"
#include "doctor/role.hpp"

/// Fixes that several rules propose, with this host's values filled in where they are known.
namespace keeper::rules {

/// Deletes the endpoint and adds it again, as declared or bound to the interface that has its address: the
/// kernel then tries it again.
[[nodiscard]] std::string readd_command(const Facts& facts, const Endpoint& endpoint);

/// The command that adds a route to the destination ("default" or a subnet) through the interface of one of
/// the host's addresses. On a device of NetworkManager the profile gets the route, because the next
/// activation removes other routes.
[[nodiscard]] std::string
add_route(const Facts& facts, const IpAddress& address, const std::string& destination);

/// The command that brings an interface up, through NetworkManager if it has a profile active on it.
[[nodiscard]] std::string bring_up(const Facts& facts, const Link& link);

/// Whether a live connection has an established subflow on the endpoint's address.
[[nodiscard]] bool is_used(const Facts& facts, const Endpoint& endpoint);

/// Subflow endpoints with a usable local address that no live connection uses.
[[nodiscard]] std::vector<Endpoint> idle_endpoints(const Facts& facts);

/// The address of a peer with a live MPTCP connection; std::nullopt if there is none.
[[nodiscard]] std::optional<IpAddress> live_peer(const Facts& facts);

/// Makes the kernel use MPTCP again after a blackhole: any write to this sysctl does.
constexpr const char* end_blackhole =
    "sysctl -w net.mptcp.blackhole_timeout=$(sysctl -n net.mptcp.blackhole_timeout)   # once the path is repaired";

/// The peer of a live connection that fell back to TCP; the placeholder "HOST:PORT" if there is none.
[[nodiscard]] std::string fallback_peer(const Facts& facts);

} // namespace keeper::rules
