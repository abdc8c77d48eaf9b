// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host_config/leftovers.hpp"
#include "model/host_file.hpp"

namespace keeper {

/// Whether the path is that of a unit's drop-in (systemd.unit(5)): X.service.d/*.conf.
[[nodiscard]] bool is_drop_in(const std::string& path);

/// The unit that a unit file or drop-in belongs to, as for applications.units: a glob if it belongs to
/// several (a template, foo-.service.d, service.d).
[[nodiscard]] std::string unit_of(const HostFile& file);

/// A line that makes a unit's program use MPTCP: mptcpize starts it, or libmptcpwrap is preloaded.
struct ProgramLine {
    std::string unit; ///< see unit_of()
    std::string how;  ///< "through mptcpize"
    std::string file;
    int line = 0;
    friend bool operator==(const ProgramLine&, const ProgramLine&) = default;
};
[[nodiscard]] std::vector<ProgramLine> program_lines(const std::vector<MechanismFile>& files);

/// How to retire a unit file or drop-in; std::nullopt if it does not affect MPTCP.
[[nodiscard]] std::optional<Leftover>
unit_leftover(const MechanismFile& unit, const std::string& root, const SuperfluousScripts& scripts);

} // namespace keeper
