#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/observed_units.hpp"
#include "model/source.hpp"

namespace keeper {

/// Where the generator that writes the drop-ins is installed.
constexpr std::string_view generator_path = "/usr/lib/systemd/system-generators/mptcp-keeper-generator";
/// What the drop-ins start. A static program, since it runs as root with what the unit's user may choose.
constexpr std::string_view unit_environment_program = "/usr/lib/mptcp-keeper/unit-environment";
/// Where the variables of each unit are while it runs.
constexpr std::string_view unit_environment_folder = "/run/mptcp-keeper/env";
/// The drop-in's name below UNIT.d.
constexpr const char* drop_in_name = "50-mptcp-keeper.conf";
/// The first systemd that knows SocketProtocol=mptcp.
constexpr int first_systemd_with_mptcp_sockets = 257;

struct UnitDropIn {
    std::string text;
    std::string source; ///< "FILE:LINE" of the declaration
    friend bool operator==(const UnitDropIn&, const UnitDropIn&) = default;
};

/// What makes the sockets of declared units MPTCP.
struct UnitDropIns {
    std::map<std::string, UnitDropIn> drop_ins; ///< by unit or template ("web@.service")
    std::vector<std::string> problems;          ///< sentences: no such unit, systemd too old
    friend bool operator==(const UnitDropIns&, const UnitDropIns&) = default;
};

/// A glob stands for the known units that it matches; one that matches a template ("web@*.service") for all
/// its instances. It matches no socket unit without TCP addresses, which "*" would keep from starting. A
/// service that is not known is a problem, and gets its drop-in all the same: another generator may make it
/// later. `early`: units without default dependencies, which are not ordered after mptcp-keeper-boot.service:
/// they may have to be up before it.
[[nodiscard]] UnitDropIns make_unit_drop_ins(
    const std::map<std::string, Source>& declared,
    const ObservedUnits& host,
    const std::set<std::string>& early = {});

/// The known units that a declared name or glob means; an instance of a known template by its own name.
[[nodiscard]] std::vector<std::string> units_meant_by(const std::string& name, const ObservedUnits& host);

/// Whether the unit, which may be a template's instance, has one of the drop-ins.
[[nodiscard]] bool has_drop_in(const std::string& unit, const UnitDropIns& drop_ins);

/// Whether two drop-ins' texts do the same to the unit: the declaration may have moved to another line, and
/// the order of the unit is the generator's to know.
[[nodiscard]] bool does_the_same(const std::string& one, const std::string& other);

/// Whether the text of a unit, its drop-ins behind it, says DefaultDependencies=no at last (systemd.unit(5)).
[[nodiscard]] bool lacks_default_dependencies(std::string_view text);

/// The version in the first line of `systemctl --version` ("systemd 252 (252.39-1)"); 0 for another text.
[[nodiscard]] int parse_systemd_version(std::string_view text);

} // namespace keeper
