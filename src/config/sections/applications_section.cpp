// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/sections/sections.hpp"

#include "config/grammar/validate.hpp"

namespace keeper {

void merge_applications(const YamlNode& section, DesiredState& desired, FileReport& report) {
    const YamlNode* units = section.find_valid("units");
    if (section.kind == NodeKind::null || (units != nullptr && units->kind == NodeKind::null)) {
        desired.units.clear();
    }
    if (units == nullptr) {
        return;
    }
    for (const YamlNode* unit : elements(*units)) {
        desired.units.emplace(unit->text, report.source(unit->place)); // keeps the first place that names it
    }
}

} // namespace keeper
