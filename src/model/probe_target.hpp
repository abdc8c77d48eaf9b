// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace keeper {

/// The target of doctor's own connection (--probe).
struct ProbeTarget {
    std::string host; ///< a name or an address, without brackets
    std::uint16_t port = 0;
    friend bool operator==(const ProbeTarget&, const ProbeTarget&) = default;
};

/// Parses "server:443", "192.0.2.1:443" or "[2001:db8::1]:443"; std::nullopt for any other text. Does not
/// resolve the name.
[[nodiscard]] std::optional<ProbeTarget> parse_probe_target(const std::string& text);

} // namespace keeper
