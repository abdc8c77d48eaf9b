// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host_config/leftovers.hpp"

#include <algorithm>

#include "applications/declared_units.hpp"
#include "base/text/join.hpp"
#include "doctor/declaration.hpp"
#include "doctor/facts_view.hpp"
#include "doctor/proposal.hpp"
#include "doctor/rules/rules.hpp"
#include "host_config/host_settings.hpp"
#include "host_config/unit_leftovers.hpp"
#include "model/sysctl_table.hpp"

namespace keeper::rules {

namespace {

/// How far the configuration declares what a file sets.
struct Coverage {
    bool declares_some = false;
    bool lacks_some = false; ///< the file is the only source of some settings
    void count(bool is_declared) { (is_declared ? declares_some : lacks_some) = true; }
};

Coverage coverage_of(const Facts& facts, const MechanismFile& file) {
    Coverage coverage;
    const DesiredState& desired = *facts.desired;
    const HostSettings settings = settings_of({file}, WithIdle::yes);
    for (const SysctlLine& line : settings.sysctls) {
        coverage.count(
            desired.sysctls.contains(line.name) || desired.sysctls.contains(alias_of_sysctl(line.name)));
    }
    for (const LimitLine& line : settings.limits) {
        coverage.count((line.name == "subflows" ? desired.subflows : desired.add_addr_accepted).has_value());
    }
    const bool declares_endpoints = !desired.endpoints.empty() || !desired.profiles.empty();
    for (const EndpointLine& line : settings.endpoints) {
        const AddressOnLink local = find_address(facts, line.key.address);
        const ManagedLink managed =
            local.link == nullptr ? ManagedLink{} : managed_link(facts, local.link->ifindex);
        coverage.count(
            desired.endpoints.contains(line.key) ||
            (managed.profile != nullptr && rule_for_flags(facts, *managed.profile) != nullptr));
    }
    if (!settings.computed_endpoints.empty() || !settings.endpoint_edits.empty()) {
        coverage.count(declares_endpoints);
    }
    if (!settings.profile_lines.empty()) {
        coverage.count(!desired.profiles.empty());
    }
    for (const ProgramLine& line : program_lines({file})) {
        coverage.count(declares_unit(desired.units, line.unit) || desired.units.contains(line.unit));
    }
    return coverage;
}

/// Includes what the scripts set that the file starts.
Coverage coverage_of(const Facts& facts, const std::string& path) {
    Coverage coverage;
    for (const MechanismFile& file : facts.mechanism_files) {
        if (file.file.path == path || file.started_by == path) {
            const Coverage part = coverage_of(facts, file);
            coverage.declares_some |= part.declares_some;
            coverage.lacks_some |= part.lacks_some;
        }
    }
    return coverage;
}

} // namespace

Findings leftovers(const Facts& facts) {
    Findings findings;
    for (const Leftover& leftover : find_leftovers(facts.mechanism_files, "")) {
        const Coverage coverage = facts.desired ? coverage_of(facts, leftover.file) : Coverage{};
        const bool is_declared = coverage.declares_some && !coverage.lacks_some;
        const bool is_needed = coverage.declares_some && coverage.lacks_some;
        // What it does is not known or not covered by any section: it may compete with what is declared.
        const bool is_unclear =
            facts.desired && declares_anything(*facts.desired) && !is_declared && !coverage.lacks_some;
        const std::string consequence =
            !leftover.is_exported ? ""
            : is_declared         ? "; it competes with the configuration"
            : is_needed           ? "; the configuration declares only a part of this"
                                  : "; `mptcp-keeper export` creates a configuration that replaces it";
        findings.push_back(
            {.code = FindingCode::recipe_leftover,
             .severity = coverage.declares_some || is_unclear ? Severity::warning : Severity::info,
             .subject = leftover.file,
             .evidence = leftover.reason + consequence,
             .fix =
                 (is_needed ? "# first declare the other settings of this file: mptcp-keeper export\n" : "") +
                 joined(leftover.commands, "\n")});
    }
    return findings;
}

} // namespace keeper::rules
