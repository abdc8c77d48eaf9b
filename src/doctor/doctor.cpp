// SPDX-License-Identifier: LGPL-2.1-or-later
#include "doctor/doctor.hpp"

#include <algorithm>
#include <iterator>

#include "doctor/probe_verdict.hpp"
#include "doctor/rules/rules.hpp"

namespace keeper {

Diagnosis diagnose(const Facts& facts) {
    Diagnosis diagnosis;
    for (const auto rule : rules::all_rules) {
        std::vector<Finding> found = rule(facts);
        std::move(found.begin(), found.end(), std::back_inserter(diagnosis.findings));
    }
    std::stable_sort(
        diagnosis.findings.begin(), diagnosis.findings.end(), [](const Finding& a, const Finding& b) {
            return a.severity < b.severity;
        });
    diagnosis.skipped = facts.skipped;
    if (facts.programs_requested) {
        diagnosis.programs.emplace();
        std::copy_if(
            facts.programs.begin(),
            facts.programs.end(),
            std::back_inserter(*diagnosis.programs),
            [](const Program& program) { return program.is_requested; });
    }
    if (facts.probe) {
        diagnosis.probe = evaluate_probe(*facts.probe);
    }
    return diagnosis;
}

} // namespace keeper
