// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/flag_set.hpp"
#include "model/endpoint.hpp"

namespace keeper {

/// A bit of NetworkManager's connection.mptcp-flags; values of NMMptcpFlags in libnm.
enum class MptcpFlag : std::uint32_t {
    disabled = 0x1,
    enabled = 0x2,
    also_without_sysctl = 0x4,
    also_without_default_route = 0x8,
    signal = 0x10,
    subflow = 0x20,
    backup = 0x40,
    fullmesh = 0x80,
    laminar = 0x100, ///< since NetworkManager 1.56
};
/// The value of a profile's connection.mptcp-flags. Empty (0, "default") leaves the choice to NetworkManager.
using MptcpFlags = FlagSet<MptcpFlag>;

/// The flag with that name in nmcli; std::nullopt for any other name ("default" is not a flag).
[[nodiscard]] std::optional<MptcpFlag> parse_mptcp_flag(std::string_view name);
/// nmcli's names in bit order, {"default"} for 0, a bit without a name as "0x200".
[[nodiscard]] std::vector<std::string> names(MptcpFlags flags);
/// names() joined by commas, the notation of nmcli.
[[nodiscard]] std::string to_string(MptcpFlags flags);
/// All names that can be declared: the flags and "default".
[[nodiscard]] const std::vector<std::string>& mptcp_flag_names();

/// Why NetworkManager's own verification refuses the flags; std::nullopt if it accepts them. It refuses
/// disabled with any other flag, and signal with fullmesh.
[[nodiscard]] std::optional<std::string> refusal_of(MptcpFlags flags);

/// Whether NetworkManager creates endpoints for a profile with these flags (with `default` resolved).
[[nodiscard]] bool makes_endpoints(MptcpFlags flags);
/// The flags of the endpoints that NetworkManager creates for a profile with these flags.
[[nodiscard]] EndpointFlags to_endpoint_flags(MptcpFlags flags);

} // namespace keeper
