#pragma once

#include <map>
#include <string>

#include "model/source.hpp"

namespace keeper {

/// "web@.service" for "web@blue.service"; the name itself where it is no instance.
[[nodiscard]] std::string template_of(const std::string& unit);

/// Whether a name of `applications.units` means the unit: it is its name, its template's, or a glob for it.
[[nodiscard]] bool means_unit(const std::string& declared, const std::string& unit);
/// Whether one of the names or globs of `applications.units` means the unit.
[[nodiscard]] bool declares_unit(const std::map<std::string, Source>& declared, const std::string& unit);

} // namespace keeper
