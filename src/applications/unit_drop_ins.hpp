// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/observed_units.hpp"
#include "model/source.hpp"

namespace keeper {

/// The generator that writes the drop-ins.
constexpr std::string_view generator_path = "/usr/lib/systemd/system-generators/mptcp-keeper-generator";
/// The program that the drop-ins start. It is static because it runs as root with an environment that the
/// unit's user may control.
constexpr std::string_view unit_environment_program = "/usr/lib/mptcp-keeper/unit-environment";
/// The directory with the variables of each running unit.
constexpr std::string_view unit_environment_folder = "/run/mptcp-keeper/env";
/// The drop-in's name in UNIT.d.
constexpr const char* drop_in_name = "50-mptcp-keeper.conf";
/// The first systemd with SocketProtocol=mptcp.
constexpr int first_systemd_with_mptcp_sockets = 257;

/// The protocol that the sockets of a declared unit should have.
enum class UnitProtocol {
    mptcp, ///< `applications.units`
    tcp,   ///< `applications.never`
};
/// As in reports: "mptcp", "tcp".
[[nodiscard]] std::string_view to_string(UnitProtocol protocol);

struct UnitDropIn {
    std::string text;
    std::string source; ///< "FILE:LINE" of the declaration
    UnitProtocol protocol = UnitProtocol::mptcp;
    friend bool operator==(const UnitDropIn&, const UnitDropIn&) = default;
};

/// The drop-ins of declared units.
struct UnitDropIns {
    std::map<std::string, UnitDropIn> drop_ins; ///< by unit or template ("web@.service")
    std::vector<std::string> problems;          ///< messages: no such unit, systemd too old
    friend bool operator==(const UnitDropIns&, const UnitDropIns&) = default;
};

/// A glob covers the known units that it matches; one that matches a template ("web@*.service") covers all
/// its instances. It does not match socket units without TCP addresses, which would fail to start. An unknown
/// service is a problem but gets its drop-in anyway: another generator may create the unit later. `early` are
/// units without default dependencies. They are not ordered after mptcp-keeper-boot.service, since it may
/// depend on them. A service of `never` gets a drop-in that keeps it on TCP; systemd uses the one of an
/// instance instead of that of its template.
[[nodiscard]] UnitDropIns make_unit_drop_ins(
    const std::map<std::string, Source>& declared,
    const ObservedUnits& host,
    const std::set<std::string>& early = {},
    const std::map<std::string, Source>& never = {});

/// What a drop-in of this program does; that of a unit that was taken back leaves it on TCP.
[[nodiscard]] UnitProtocol protocol_of_drop_in(std::string_view text);

/// The known units that a declared name or glob means; includes an instance of a known template.
[[nodiscard]] std::vector<std::string> units_meant_by(const std::string& name, const ObservedUnits& host);

/// Whether the unit, or the template of which it is an instance, has one of the drop-ins.
[[nodiscard]] bool has_drop_in(const std::string& unit, const UnitDropIns& drop_ins);

/// Whether systemd has loaded a drop-in for the unit, or for its template, that makes it use that protocol.
[[nodiscard]] bool has_drop_in_for(const std::string& unit, const ObservedUnits& host, UnitProtocol protocol);

/// Whether two drop-ins have the same effect. Ignores the declaration's line number and the ordering, which
/// only the generator can determine.
[[nodiscard]] bool does_the_same(const std::string& one, const std::string& other);

/// Whether the last setting in a unit's file and drop-ins is DefaultDependencies=no (systemd.unit(5)).
[[nodiscard]] bool lacks_default_dependencies(std::string_view text);

/// The version in the first line of `systemctl --version` ("systemd 252 (252.39-1)"); 0 for any other text.
[[nodiscard]] int parse_systemd_version(std::string_view text);

} // namespace keeper
