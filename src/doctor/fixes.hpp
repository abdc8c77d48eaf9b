#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "doctor/facts_view.hpp"
#include "doctor/proposal.hpp"
#include "doctor/role.hpp"

/// What several findings propose, with as much of this host filled in as is known.
namespace keeper::rules {

/// Deletes the endpoint and adds it again, with the interface that has its address, or as it is declared: the
/// kernel tries it again.
[[nodiscard]] std::string readd_command(const Facts& facts, const Endpoint& endpoint);

/// The command that gives the interface of one of the host's addresses a route to the destination, "default"
/// or a subnet. NetworkManager takes away what it did not configure itself at its next activation of the
/// device: there the profile gets the route.
[[nodiscard]] std::string
add_route(const Facts& facts, const IpAddress& address, const std::string& destination);

/// The command that sets an interface up, by NetworkManager where it runs a profile on it.
[[nodiscard]] std::string bring_up(const Facts& facts, const Link& link);

/// The commands that delete the endpoints that are no path and neither declared nor NetworkManager's, one a
/// line; empty where there are none, or where NetworkManager could not be asked which are its own.
[[nodiscard]] std::string delete_useless(const Facts& facts);

/// A live connection has an established subflow on the endpoint's address.
[[nodiscard]] bool is_used(const Facts& facts, const Endpoint& endpoint);

/// Endpoints for subflows, with an address to leave from, that no live connection uses.
[[nodiscard]] std::vector<Endpoint> idle_endpoints(const Facts& facts);

/// The address of a peer that is connected by MPTCP now; nothing where there is none.
[[nodiscard]] std::optional<IpAddress> live_peer(const Facts& facts);

/// Ends the time for which the kernel leaves MPTCP out: any write to that sysctl does.
constexpr const char* forget_blackhole =
    "sysctl -w net.mptcp.blackhole_timeout=$(sysctl -n net.mptcp.blackhole_timeout)   # forgets it, once the "
    "path is mended";

/// HOST:PORT of a peer to which a connection of this host fell back to TCP; in capitals where none is live.
[[nodiscard]] std::string fallen_peer(const Facts& facts);

/// How many subflows besides the initial one the endpoints and add_addr_accepted can make; 1 at least.
[[nodiscard]] std::uint32_t wanted_subflows(const Facts& facts);

/// Those of them that fullmesh endpoints make: endpoints times announced addresses, less the initial one; 0
/// without such endpoints.
[[nodiscard]] std::uint32_t fullmesh_subflows(const Facts& facts);

/// "limits: {subflows: 4}": enough for those, and for what peers were refused. Never less than is declared;
/// where that much is declared already, the command that applies it, or what else can be done.
[[nodiscard]] std::string raise_subflows(const Facts& facts);

/// "limits: {add_addr_accepted: 2}", likewise.
[[nodiscard]] std::string accept_announcements(const Facts& facts);

} // namespace keeper::rules
