#pragma once

#include <string>
#include <string_view>

#include "model/observed_units.hpp"
#include "model/socket_unit.hpp"

namespace keeper {

/// Reads a socket unit's file with its drop-ins behind it. `unit` is its name, which stands for %i and %I.
[[nodiscard]] SocketUnit parse_socket_unit(std::string_view text, std::string_view unit);

/// Whether the text says SocketProtocol=mptcp.
[[nodiscard]] bool asks_for_mptcp(std::string_view text);

/// Why its sockets cannot be MPTCP: "it listens on /run/x.sock, …"; "" where they can. systemd takes one
/// protocol for all addresses of a unit, and a unit with one that does not go with it fails to start.
[[nodiscard]] std::string why_not_mptcp(const SocketUnit& unit);

/// Why systemd could not open that socket unit's sockets as MPTCP on this host: the addresses as above, a
/// systemd that is too old, MPTCP that is off; "" where it could.
[[nodiscard]] std::string why_not_mptcp(const std::string& unit, const ObservedUnits& host);

/// What the sockets of a socket unit are, going by who listens where.
enum class SocketUnitState { closed, tcp, mptcp };
/// MPTCP only if all of them are.
[[nodiscard]] SocketUnitState state_of_sockets(const SocketUnit& unit, const Listeners& listeners);

} // namespace keeper
