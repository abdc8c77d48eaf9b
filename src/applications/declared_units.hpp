#pragma once

#include <map>
#include <string>

#include "model/source.hpp"

namespace keeper {

/// What systemd calls the units of other names (Alias=, links): "ssh.service" by "sshd.service", also
/// "getty@.service" by "autovt@.service".
using UnitAliases = std::map<std::string, std::string>;

/// "web@.service" for "web@blue.service"; the name itself where it is no instance.
[[nodiscard]] std::string template_of(const std::string& unit);

/// systemd's own name of the unit, by which its drop-ins, its control group and its %n go: the name itself
/// where it is not an alias.
[[nodiscard]] std::string unit_id(const std::string& name, const UnitAliases& aliases);
/// The declared units by systemd's own names of them. A glob stays, beside the units of which it matches
/// another name.
[[nodiscard]] std::map<std::string, Source>
with_unit_ids(const std::map<std::string, Source>& declared, const UnitAliases& aliases);

/// Whether with_unit_ids() found a unit that this glob means by another name.
[[nodiscard]] bool means_others(const std::string& glob, const std::map<std::string, Source>& declared);

/// Whether a name of `applications.units` has characters that make it a pattern.
[[nodiscard]] bool is_glob(const std::string& name);

/// Whether a name of `applications.units` means the unit: it is its name, its template's, or a glob for it. A
/// glob never means the units of this program.
[[nodiscard]] bool means_unit(const std::string& declared, const std::string& unit);
/// Whether one of the names or globs of `applications.units` means the unit.
[[nodiscard]] bool declares_unit(const std::map<std::string, Source>& declared, const std::string& unit);

} // namespace keeper
