#pragma once

#include <map>
#include <string>

#include "model/source.hpp"

namespace keeper {

/// Whether one of the names or globs of `applications.units` means the unit.
[[nodiscard]] bool declares_unit(const std::map<std::string, Source>& declared, const std::string& unit);

} // namespace keeper
