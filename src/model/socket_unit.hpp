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
    std::optional<IpAddress> address; ///< nothing: any
    std::uint16_t port = 0;
    friend bool operator==(const UnitAddress&, const UnitAddress&) = default;
};

/// What a socket unit (systemd.socket(5)) listens on, as its file and drop-ins say.
struct SocketUnit {
    std::vector<UnitAddress> tcp;
    std::string other; ///< the first that is no TCP address, "/run/x.sock"; empty: there is none
    friend bool operator==(const SocketUnit&, const SocketUnit&) = default;
};

/// The addresses on which somebody in this network namespace listens.
struct Listeners {
    std::set<EndpointKey> tcp; ///< those of MPTCP sockets too: each is a TCP socket underneath
    std::set<EndpointKey> mptcp;
    friend bool operator==(const Listeners&, const Listeners&) = default;
};

} // namespace keeper
