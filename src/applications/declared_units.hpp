// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <string>

#include "model/source.hpp"

namespace keeper {

/// systemd's names of units by their aliases (Alias=, links): "ssh.service" by "sshd.service", and
/// "getty@.service" by "autovt@.service".
using UnitAliases = std::map<std::string, std::string>;

/// "web@.service" for "web@blue.service"; the name itself if it is not an instance.
[[nodiscard]] std::string template_of(const std::string& unit);

/// The item of the unit, else that of its template; the end of the map without either.
template <class ByUnit>
[[nodiscard]] auto find_unit_or_template(const std::string& unit, const ByUnit& items) {
    const auto own = items.find(unit);
    return own == items.end() ? items.find(template_of(unit)) : own;
}

/// Whether this is a template without an instance: "web@.service".
[[nodiscard]] bool is_template(const std::string& unit);

/// systemd's own name of the unit, which its drop-ins, its control group and %n use; the name itself if it is
/// not an alias.
[[nodiscard]] std::string unit_id(const std::string& name, const UnitAliases& aliases);
/// The declared units by systemd's own names. A glob is kept; units of which it matches an alias are added.
[[nodiscard]] std::map<std::string, Source>
with_unit_ids(const std::map<std::string, Source>& declared, const UnitAliases& aliases);

/// Whether with_unit_ids() added a unit of which this glob matches an alias.
[[nodiscard]] bool means_others(const std::string& glob, const std::map<std::string, Source>& declared);

/// Whether a name in `applications.units` contains glob characters.
[[nodiscard]] bool is_glob(const std::string& name);

/// Whether a name in `applications.units` means the unit: its name, that of its template, or a matching glob.
/// A glob never matches the units of mptcp-keeper.
[[nodiscard]] bool means_unit(const std::string& declared, const std::string& unit);
/// Whether any name or glob in `applications.units` means the unit.
[[nodiscard]] bool declares_unit(const std::map<std::string, Source>& declared, const std::string& unit);

/// Whether `applications.never` applies to the unit. It takes precedence over a glob and over the name of a
/// template in `units`; the name of the unit itself in `units` only gives way to the same name in `never`,
/// which can only be that of an alias: a configuration that has the same name twice is refused.
[[nodiscard]] bool stays_on_tcp(
    const std::string& unit,
    const std::map<std::string, Source>& units,
    const std::map<std::string, Source>& never);
/// Whether `applications.units` applies to the unit.
[[nodiscard]] bool becomes_mptcp(
    const std::string& unit,
    const std::map<std::string, Source>& units,
    const std::map<std::string, Source>& never);

} // namespace keeper
