// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/sections/sections.hpp"

#include "config/grammar/validate.hpp"

namespace keeper {

namespace {

void merge_names(
    const YamlNode& section,
    std::string_view key,
    std::map<std::string, Source>& names,
    const FileReport& report) {
    const YamlNode* list = section.find_valid(key);
    if (list == nullptr) {
        return;
    }
    if (list->kind == NodeKind::null) {
        names.clear();
        return;
    }
    for (const YamlNode* name : elements(*list)) {
        names.emplace(name->text, report.source(name->place)); // keeps the first place that names it
    }
}

} // namespace

void merge_applications(const YamlNode& section, DesiredState& desired, FileReport& report) {
    if (section.kind == NodeKind::null) {
        desired.units.clear();
        desired.never.clear();
        desired.slices.clear();
        desired.all_programs.reset();
    }
    merge_names(section, "units", desired.units, report);
    merge_names(section, "never", desired.never, report);
    merge_names(section, "slices", desired.slices, report);
    const YamlMember* all = section.find("all");
    if (all != nullptr && all->value.is_valid) {
        desired.all_programs =
            all->value.kind == NodeKind::null
                ? std::nullopt
                : std::optional(Declared<bool>{all->value.text == "true", report.source(all->place)});
    }
}

} // namespace keeper
