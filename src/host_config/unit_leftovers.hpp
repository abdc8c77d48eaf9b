#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host_config/leftovers.hpp"
#include "model/host_file.hpp"

namespace keeper {

/// Whether it is a drop-in of a unit (systemd.unit(5)): X.service.d/*.conf.
[[nodiscard]] bool is_drop_in(const std::string& path);

/// The unit that a unit file or a drop-in is about, as applications.units takes it: a glob where it is about
/// several (a template, foo-.service.d, service.d).
[[nodiscard]] std::string unit_of(const HostFile& file);

/// A unit whose program uses MPTCP by libmptcpwrap: mptcpize starts it, or it is preloaded.
struct ProgramLine {
    std::string unit; ///< see unit_of()
    std::string how;  ///< "through mptcpize"
    std::string file;
    int line = 0;
    friend bool operator==(const ProgramLine&, const ProgramLine&) = default;
};
[[nodiscard]] std::vector<ProgramLine> program_lines(const std::vector<MechanismFile>& files);

/// What retires a unit file or a drop-in; nothing where it has nothing to do with MPTCP.
[[nodiscard]] std::optional<Leftover>
unit_leftover(const MechanismFile& unit, const std::string& root, const SuperfluousScripts& scripts);

} // namespace keeper
