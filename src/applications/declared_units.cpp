#include "applications/declared_units.hpp"

#include <algorithm>

#include <fnmatch.h>

namespace keeper {

std::string template_of(const std::string& unit) {
    const std::size_t at = unit.find('@');
    const std::size_t dot = unit.rfind('.');
    return at == std::string::npos || dot < at ? unit : unit.substr(0, at + 1) + unit.substr(dot);
}

bool means_unit(const std::string& declared, const std::string& unit) {
    return declared == unit || declared == template_of(unit) ||
           fnmatch(declared.c_str(), unit.c_str(), 0) == 0;
}

bool declares_unit(const std::map<std::string, Source>& declared, const std::string& unit) {
    return std::any_of(
        declared.begin(), declared.end(), [&](const auto& item) { return means_unit(item.first, unit); });
}

} // namespace keeper
