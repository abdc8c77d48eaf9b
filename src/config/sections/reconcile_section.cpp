// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/sections/sections.hpp"

#include <chrono>

#include "base/text/duration.hpp"
#include "config/grammar/validate.hpp"

namespace keeper {

namespace {

ReconcileMode mode_of(std::string_view word) {
    if (word == "enforce") {
        return ReconcileMode::enforce;
    }
    return word == "report" ? ReconcileMode::report : ReconcileMode::manual;
}

} // namespace

void merge_reconcile(const YamlNode& section, DesiredState& desired, FileReport& report) {
    if (section.kind == NodeKind::null) {
        desired.reconcile = {};
    }
    const YamlMember* mode = section.find("mode");
    if (mode != nullptr && mode->value.is_valid) {
        desired.reconcile.mode =
            mode->value.kind == NodeKind::null
                ? Reconcile{}.mode
                : Declared<ReconcileMode>{mode_of(mode->value.text), report.source(mode->place)};
    }
    const YamlMember* interval = section.find("interval");
    if (interval != nullptr && interval->value.is_valid) {
        const auto duration = parse_duration(interval->value.text);
        desired.reconcile.interval =
            duration ? Declared<std::chrono::milliseconds>{*duration, report.source(interval->place)}
                     : Reconcile{}.interval;
    }
}

} // namespace keeper
