#include <algorithm>

#include "applications/declared_units.hpp"
#include "base/text/text.hpp"
#include "doctor/declaration.hpp"
#include "doctor/rules/rules.hpp"
#include "host_config/host_settings.hpp"
#include "host_config/leftovers.hpp"
#include "host_config/unit_leftovers.hpp"

namespace keeper::rules {

namespace {

/// The sections of the configuration that have what a file sets, and whether one of them lacks a part of it.
/// A file whose settings are not declared is the only thing that holds them.
struct Coverage {
    bool declares_some = false;
    bool lacks_some = false;
    void count(bool is_declared) { (is_declared ? declares_some : lacks_some) = true; }
};

Coverage coverage_of(const Facts& facts, const MechanismFile& file) {
    Coverage coverage;
    const DesiredState& desired = *facts.desired;
    const HostSettings settings = settings_of({file}, WithIdle::yes);
    for (const SysctlLine& line : settings.sysctls) {
        coverage.count(desired.sysctls.contains(line.name));
    }
    for (const LimitLine& line : settings.limits) {
        coverage.count((line.name == "subflows" ? desired.subflows : desired.add_addr_accepted).has_value());
    }
    const bool declares_endpoints = !desired.endpoints.empty() || !desired.profiles.empty();
    for (const EndpointLine& line : settings.endpoints) {
        const Place place = place_of(facts, line.key.address);
        const ManagedLink managed =
            place.link == nullptr ? ManagedLink{} : managed_link(facts, place.link->ifindex);
        coverage.count(
            desired.endpoints.contains(line.key) ||
            (managed.profile != nullptr && rule_for_flags(facts, *managed.profile) != nullptr));
    }
    if (!settings.computed_endpoints.empty()) {
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

/// What the file's scripts set counts for it too: it may only start them.
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

Findings recipe(const Facts& facts) {
    Findings findings;
    for (const Leftover& leftover : recipe_leftovers(facts.mechanism_files, "")) {
        const Coverage coverage = facts.desired ? coverage_of(facts, leftover.file) : Coverage{};
        const bool is_declared = coverage.declares_some && !coverage.lacks_some;
        const bool is_needed = coverage.declares_some && coverage.lacks_some;
        const std::string consequence =
            !leftover.is_exported ? ""
            : is_declared         ? "; the configuration and this file both decide"
            : is_needed           ? "; the configuration declares only a part of that"
                                  : "; `mptcp-keeper export` makes a configuration that replaces it";
        findings.push_back(
            {FindingCode::recipe_leftover,
             coverage.declares_some ? Severity::warning : Severity::info,
             leftover.file,
             leftover.reason + consequence,
             (is_needed ? "# first declare the rest of what it sets, see mptcp-keeper export\n" : "") +
                 joined(leftover.commands, "\n")});
    }
    return findings;
}

} // namespace keeper::rules
