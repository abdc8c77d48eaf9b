// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/flag_set.hpp"
#include "model/ip_address.hpp"

namespace keeper {

/// A flag of a path-manager endpoint; values of MPTCP_PM_ADDR_FLAG_* in <linux/mptcp.h>.
enum class EndpointFlag : std::uint32_t {
    signal = 1,
    subflow = 2,
    backup = 4,
    fullmesh = 8,
    implicit = 16, ///< set only by the kernel, since Linux 5.18
    laminar = 32,  ///< since Linux 6.18
};
using EndpointFlags = FlagSet<EndpointFlag>;

/// The flag with the name that `ip mptcp endpoint` uses; std::nullopt for any other name.
[[nodiscard]] std::optional<EndpointFlag> parse_endpoint_flag(std::string_view name);
/// Names in bit order; a bit without a name as "0x40".
[[nodiscard]] std::vector<std::string> names(EndpointFlags flags);
/// The flags that can be declared, in bit order.
[[nodiscard]] const std::vector<std::string>& declarable_endpoint_flag_names();

/// The index of an interface in its network namespace; 0 means no interface.
struct Ifindex {
    std::int32_t value = 0;
    friend auto operator<=>(const Ifindex&, const Ifindex&) = default;
};

/// The id of an endpoint, 1 to 255; 0 asks the kernel to choose one.
struct EndpointId {
    std::uint8_t value = 0;
    friend auto operator<=>(const EndpointId&, const EndpointId&) = default;
};

/// An address and a port, 0 for no port. Identifies an endpoint, and is the address of a socket.
struct SocketAddress {
    IpAddress address;
    std::uint16_t port = 0;
    friend auto operator<=>(const SocketAddress&, const SocketAddress&) = default;
};
/// "198.51.100.1", "198.51.100.1:4000", "2001:db8::1" or "[2001:db8::1]:4000".
[[nodiscard]] std::string to_string(const SocketAddress& key);
/// The inverse of to_string(); std::nullopt for any other text.
[[nodiscard]] std::optional<SocketAddress> parse_socket_address(std::string_view text);

/// An endpoint of the in-kernel path manager.
struct Endpoint {
    SocketAddress key;
    EndpointFlags flags = {};
    Ifindex ifindex = {};
    EndpointId id = {};

    [[nodiscard]] bool is_implicit() const { return flags.has(EndpointFlag::implicit); }
    friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

} // namespace keeper
