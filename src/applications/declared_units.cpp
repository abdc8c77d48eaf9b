// SPDX-License-Identifier: LGPL-2.1-or-later
#include "applications/declared_units.hpp"

#include <algorithm>
#include <string_view>

#include <fnmatch.h>

namespace keeper {

namespace {

/// Whether it belongs to mptcp-keeper: its services, also those of other packages, and scopes of `run`.
bool is_own_unit(std::string_view unit) {
    return unit.starts_with("mptcp-keeper.") || unit.starts_with("mptcp-keeper-");
}

/// The instance of the template with the same instance name: "getty@tty1.service" for "autovt@tty1.service".
std::string instance_like(const std::string& unit_template, const std::string& instance) {
    const std::size_t at = instance.find('@');
    const std::size_t dot = instance.rfind('.');
    return unit_template.substr(0, unit_template.find('@') + 1) + instance.substr(at + 1, dot - at - 1) +
           unit_template.substr(unit_template.rfind('.'));
}

/// Whether that name itself is declared, and not only a glob that matches an alias of it.
bool names_unit(const std::map<std::string, Source>& declared, const std::string& unit) {
    const auto own = declared.find(unit);
    return own != declared.end() && std::none_of(declared.begin(), declared.end(), [&](const auto& item) {
               return is_glob(item.first) && item.second == own->second;
           });
}

} // namespace

std::string template_of(const std::string& unit) {
    const std::size_t at = unit.find('@');
    const std::size_t dot = unit.rfind('.');
    return at == std::string::npos || dot < at ? unit : unit.substr(0, at + 1) + unit.substr(dot);
}

bool is_template(const std::string& unit) {
    return unit.find("@.") != std::string::npos;
}

std::string unit_id(const std::string& name, const UnitAliases& aliases) {
    if (const auto alias = aliases.find(name); alias != aliases.end()) {
        return alias->second;
    }
    const std::string own_template = template_of(name);
    const auto alias = aliases.find(own_template);
    const bool is_instance_of_alias =
        own_template != name && alias != aliases.end() && alias->second.find('@') != std::string::npos;
    return is_instance_of_alias ? instance_like(alias->second, name) : name;
}

std::map<std::string, Source>
with_unit_ids(const std::map<std::string, Source>& declared, const UnitAliases& aliases) {
    std::map<std::string, Source> units;
    for (const auto& [name, source] : declared) {
        units.emplace(is_glob(name) ? name : unit_id(name, aliases), source);
        for (const auto& [alias, id] : aliases) {
            if (is_glob(name) && means_unit(name, alias) && !means_unit(name, id)) {
                units.emplace(id, source);
            }
        }
    }
    return units;
}

bool means_others(const std::string& glob, const std::map<std::string, Source>& declared) {
    const auto own = declared.find(glob);
    return is_glob(glob) && own != declared.end() &&
           std::any_of(declared.begin(), declared.end(), [&](const auto& item) {
               return !is_glob(item.first) && item.second == own->second;
           });
}

bool is_glob(const std::string& name) {
    return name.find_first_of("*?[") != std::string::npos;
}

bool means_unit(const std::string& declared, const std::string& unit) {
    if (declared == unit || declared == template_of(unit)) {
        return true;
    }
    return !is_own_unit(unit) && fnmatch(declared.c_str(), unit.c_str(), 0) == 0;
}

bool declares_unit(const std::map<std::string, Source>& declared, const std::string& unit) {
    return std::any_of(
        declared.begin(), declared.end(), [&](const auto& item) { return means_unit(item.first, unit); });
}

bool stays_on_tcp(
    const std::string& unit,
    const std::map<std::string, Source>& units,
    const std::map<std::string, Source>& never) {
    return declares_unit(never, unit) && (names_unit(never, unit) || !names_unit(units, unit));
}

bool becomes_mptcp(
    const std::string& unit,
    const std::map<std::string, Source>& units,
    const std::map<std::string, Source>& never) {
    return declares_unit(units, unit) && !stays_on_tcp(unit, units, never);
}

} // namespace keeper
