// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/endpoint.hpp"

namespace keeper {

/// An address that a socket unit listens on.
struct UnitAddress {
    std::optional<IpAddress> address; ///< std::nullopt: any address
    std::uint16_t port = 0;
    friend bool operator==(const UnitAddress&, const UnitAddress&) = default;
};

/// The addresses of a socket unit (systemd.socket(5)), from its file and drop-ins.
struct SocketUnit {
    std::vector<UnitAddress> tcp;
    std::string other;           ///< the first that is not a TCP address, "/run/x.sock"; empty for none
    bool asks_for_mptcp = false; ///< SocketProtocol=mptcp, except by the drop-in of this program
    /// Its Service=, or the template of Accept=yes ("web@.service"); empty: the service of the same name.
    std::string service = {};
    friend bool operator==(const SocketUnit&, const SocketUnit&) = default;
};

/// The addresses of all listening sockets in this network namespace.
struct Listeners {
    std::set<SocketAddress> tcp; ///< including those of MPTCP sockets, each of which has a TCP socket
    std::set<SocketAddress> mptcp;
    friend bool operator==(const Listeners&, const Listeners&) = default;
};

} // namespace keeper
