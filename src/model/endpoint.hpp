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
    implicit = 16, ///< set by the kernel alone, since Linux 5.18
    laminar = 32,  ///< since Linux 6.18
};
using EndpointFlags = FlagSet<EndpointFlag>;

/// The flag's name as `ip mptcp endpoint` writes it, or nothing for a name that it does not know.
[[nodiscard]] std::optional<EndpointFlag> parse_endpoint_flag(std::string_view name);
/// Names in the order of the bits; a bit without a name as "0x40".
[[nodiscard]] std::vector<std::string> names(EndpointFlags flags);
/// The flags that a person can declare, in the order of the bits.
[[nodiscard]] const std::vector<std::string>& declarable_endpoint_flag_names();

/// An interface's index in its network namespace; 0 means no interface.
struct Ifindex {
    std::int32_t value = 0;
    friend auto operator<=>(const Ifindex&, const Ifindex&) = default;
};

/// An endpoint's id, 1 to 255; 0 asks the kernel for a free one.
struct EndpointId {
    std::uint8_t value = 0;
    friend auto operator<=>(const EndpointId&, const EndpointId&) = default;
};

/// What tells one endpoint from another for a person: address and port, 0 for no port.
struct EndpointKey {
    IpAddress address;
    std::uint16_t port = 0;
    friend auto operator<=>(const EndpointKey&, const EndpointKey&) = default;
};
/// "198.51.100.1", "198.51.100.1:4000", "2001:db8::1" or "[2001:db8::1]:4000".
[[nodiscard]] std::string to_string(const EndpointKey& key);
/// Reads back what to_string wrote; nothing for any other text.
[[nodiscard]] std::optional<EndpointKey> parse_endpoint_key(std::string_view text);

/// An endpoint of the kernel's path manager.
struct Endpoint {
    EndpointKey key;
    EndpointFlags flags;
    Ifindex ifindex;
    EndpointId id;

    [[nodiscard]] bool is_implicit() const { return flags.has(EndpointFlag::implicit); }
    friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

} // namespace keeper
