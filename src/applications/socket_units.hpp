// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

#include "model/observed_units.hpp"
#include "model/socket_unit.hpp"

namespace keeper {

/// Parses a socket unit's file followed by its drop-ins. `unit` is its name, for %i and %I.
[[nodiscard]] SocketUnit parse_socket_unit(std::string_view text, std::string_view unit);

/// Whether systemd passes the sockets of that unit to the service, or a connection of them to an instance.
[[nodiscard]] bool serves(const std::string& socket, const SocketUnit& unit, const std::string& service);

/// Whether the text sets SocketProtocol=mptcp.
[[nodiscard]] bool asks_for_mptcp(std::string_view text);

/// Why its sockets cannot be MPTCP: "it listens on /run/x.sock, …"; "" if they can. systemd applies one
/// protocol to all addresses of a unit, and a unit with an address of another type fails to start.
[[nodiscard]] std::string why_not_mptcp(const SocketUnit& unit);

/// Why systemd cannot open that unit's sockets as MPTCP on this host: an address as above, a systemd that is
/// too old, or MPTCP being off; "" if it can.
[[nodiscard]] std::string why_not_mptcp(const std::string& unit, const ObservedUnits& host);

/// The commands after which the service opens its sockets itself, also at the next boot.
[[nodiscard]] std::string listen_without(const std::string& socket, const std::string& service);
/// The commands that restart a service without the sockets that systemd holds for it, which a restart passes
/// on (sd_pid_notify_with_fds(3)).
[[nodiscard]] std::string restart_without_stored_sockets(const std::string& service);

/// The protocol of a socket unit's sockets, from the host's listening sockets.
enum class SocketUnitState { closed, tcp, mptcp };
/// MPTCP only if all of them are.
[[nodiscard]] SocketUnitState state_of_sockets(const SocketUnit& unit, const Listeners& listeners);

} // namespace keeper
