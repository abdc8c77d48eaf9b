#include "applications/declared_units.hpp"

#include <algorithm>

#include <fnmatch.h>

namespace keeper {

bool declares_unit(const std::map<std::string, Source>& declared, const std::string& unit) {
    return std::any_of(declared.begin(), declared.end(), [&](const auto& item) {
        return item.first == unit || fnmatch(item.first.c_str(), unit.c_str(), 0) == 0;
    });
}

} // namespace keeper
