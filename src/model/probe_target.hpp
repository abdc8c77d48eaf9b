#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace keeper {

/// Where doctor opens a connection of its own.
struct ProbeTarget {
    std::string host; ///< a name or an address, without brackets
    std::uint16_t port = 0;
    friend bool operator==(const ProbeTarget&, const ProbeTarget&) = default;
};

/// Reads "server:443", "192.0.2.1:443" or "[2001:db8::1]:443"; nothing for another text. Whether there is
/// such a host is not asked.
[[nodiscard]] std::optional<ProbeTarget> parse_probe_target(const std::string& text);

} // namespace keeper
