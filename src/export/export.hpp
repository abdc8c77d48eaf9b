// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host_config/host_settings.hpp"
#include "host_config/leftovers.hpp"
#include "host_config/unit_leftovers.hpp"
#include "model/desired_state.hpp"
#include "model/observed_state.hpp"
#include "model/ownership.hpp"

namespace keeper {

/// mptcpd(8), which sets both limits and creates endpoints for interface addresses.
struct RunningMptcpd {
    std::int64_t pid = 0;
    EndpointFlags flags; ///< of the endpoints that it creates
};

/// The input of an export.
struct ExportFacts {
    /// The running host; null for an unbooted tree, which has only files.
    const ObservedState* observed = nullptr;
    Ownership ownership;
    /// What mptcp-keeper's own configuration declares; null if it is invalid.
    const DesiredState* declared = nullptr;
    std::vector<SysctlLine> sysctl_lines;
    std::vector<LimitLine> limit_lines;
    std::vector<EndpointLine> endpoint_lines;
    std::vector<std::string> computed_endpoint_lines;
    std::vector<KeyfileProfile> keyfiles;
    std::vector<ProgramLine> program_lines;
    /// Devices on which a profile was active when NetworkManager was last seen.
    std::vector<Ifindex> network_manager_devices;
    std::optional<RunningMptcpd> mptcpd; ///< std::nullopt: not running
};

/// The host as a configuration: every value that a file sets or that differs from the kernel's or
/// NetworkManager's default, with a comment that names where it was found. What cannot be declared, or what
/// `apply` would change, is commented out with the reason, so that applying the result on the same host
/// changes nothing. Pure.
[[nodiscard]] std::string export_yaml(const ExportFacts& facts);

} // namespace keeper
