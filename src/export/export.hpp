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

/// mptcpd(8), which sets both limits and makes endpoints of the addresses of interfaces.
struct RunningMptcpd {
    std::int64_t pid = 0;
    EndpointFlags flags; ///< of the endpoints that it makes
};

/// What an export is made of.
struct ExportFacts {
    /// The running host; null for an unbooted tree, of which only files tell.
    const ObservedState* observed = nullptr;
    Ownership ownership;
    /// What the keeper's own configuration declares; null where it is broken.
    const DesiredState* declared = nullptr;
    std::vector<SysctlLine> sysctl_lines;
    std::vector<LimitLine> limit_lines;
    std::vector<EndpointLine> endpoint_lines;
    std::vector<std::string> computed_endpoint_lines;
    std::vector<KeyfileProfile> keyfiles;
    std::vector<ProgramLine> program_lines;
    /// On which NetworkManager ran a profile when it was last seen.
    std::vector<Ifindex> network_manager_devices;
    std::optional<RunningMptcpd> mptcpd; ///< nothing where it does not run
};

/// The host as a configuration, with the place of every value in a comment: what differs from the kernel's
/// and NetworkManager's defaults or is set by some file. What cannot be declared, or what `apply` would not
/// leave as it is, stands there as a comment with the reason, so that applying it on the same host changes
/// nothing. Pure.
[[nodiscard]] std::string export_yaml(const ExportFacts& facts);

} // namespace keeper
