#pragma once

#include <string>
#include <vector>

#include "model/desired_state.hpp"
#include "model/host_file.hpp"

namespace keeper {

/// A net.mptcp.* line of a sysctl.d file.
struct SysctlLine {
    std::string name; ///< after "net.mptcp."
    std::string value;
    std::string file;
    int line = 0;
    friend bool operator==(const SysctlLine&, const SysctlLine&) = default;
};

/// All net.mptcp.* lines of sysctl.d(5) files, in their order; a name with dots or slashes, a leading "-" or
/// none, comments and other names left out.
[[nodiscard]] std::vector<SysctlLine> sysctl_lines(const std::vector<HostFile>& files);

/// The same of `sysctl -w net.mptcp.NAME=VALUE` in units and scripts.
[[nodiscard]] std::vector<SysctlLine> sysctl_calls(const std::vector<HostFile>& files);

/// A limit that a unit file sets by `ip mptcp limits set`, as RHEL's recipe has it.
struct LimitLine {
    std::string name; ///< "subflows" or "add_addr_accepted"
    std::string value;
    std::string file;
    int line = 0;
    friend bool operator==(const LimitLine&, const LimitLine&) = default;
};
[[nodiscard]] std::vector<LimitLine> limit_lines(const std::vector<HostFile>& units);
/// The same of scripts.
[[nodiscard]] std::vector<LimitLine> limit_lines_of_scripts(const std::vector<HostFile>& scripts);

/// Sentences about files that set at boot, or whenever they run, something else than is declared. Of several
/// sysctl.d lines with one name the last counts, as it does for systemd-sysctl.
[[nodiscard]] std::vector<std::string> rivals_on_disk(
    const DesiredState& desired,
    const std::vector<SysctlLine>& sysctls,
    const std::vector<LimitLine>& limits);

} // namespace keeper
