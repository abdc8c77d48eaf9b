// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/sections/sections.hpp"

#include "config/grammar/validate.hpp"

namespace keeper {

void merge_metrics(const YamlNode& section, DesiredState& desired, FileReport& report) {
    MetricsOutput& metrics = desired.metrics;
    if (section.kind == NodeKind::null) {
        metrics = {};
    }
    const YamlMember* textfile = section.find("textfile");
    if (textfile != nullptr && textfile->value.is_valid) {
        metrics.textfile.reset();
        if (textfile->value.kind != NodeKind::null) {
            metrics.textfile = {textfile->value.text, report.source(textfile->place)};
        }
    }
    const YamlMember* counters = section.find("counters");
    if (counters != nullptr && counters->value.is_valid) {
        metrics.counters.reset();
        if (counters->value.kind != NodeKind::null) {
            metrics.counters = {counters->value.text == "true", report.source(counters->place)};
        }
    }
}

} // namespace keeper
