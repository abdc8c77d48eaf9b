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

/// The flag by nmcli's name; nothing for another name ("default" is no bit and no flag).
[[nodiscard]] std::optional<MptcpFlag> parse_mptcp_flag(std::string_view name);
/// nmcli's names in the order of the bits, {"default"} for 0, a bit without a name as "0x200".
[[nodiscard]] std::vector<std::string> names(MptcpFlags flags);
/// names() joined by commas, as nmcli reads and writes them.
[[nodiscard]] std::string to_string(MptcpFlags flags);
/// All names that a declaration may use: the flags and "default".
[[nodiscard]] const std::vector<std::string>& mptcp_flag_names();

/// What NetworkManager's own verification refuses, as a sentence; nothing where it takes the flags.
/// It refuses disabled beside anything else, and signal with fullmesh.
[[nodiscard]] std::optional<std::string> refusal_of(MptcpFlags flags);

/// Whether NetworkManager makes endpoints for a profile with these flags (after default was resolved).
[[nodiscard]] bool makes_endpoints(MptcpFlags flags);
/// The endpoint flags that NetworkManager hands to the kernel for a profile with these flags.
[[nodiscard]] EndpointFlags to_endpoint_flags(MptcpFlags flags);

} // namespace keeper
