// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/sections/sections.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace keeper {

namespace {

/// Reports at the later of the two places; {} in the message becomes the earlier one.
void report_pair(
    Diagnostics& diagnostics, const Source& a, const Source& b, fmt::format_string<std::string> message) {
    const bool is_a_later = diagnostics.is_later(a, b);
    diagnostics.error(is_a_later ? a : b, fmt::format(message, to_string(is_a_later ? b : a)));
}

void report_path_managers(const DesiredState& desired, Diagnostics& diagnostics) {
    const auto pm_type = desired.sysctls.find("pm_type");
    const auto path_manager = desired.sysctls.find("path_manager");
    if (pm_type != desired.sysctls.end() && path_manager != desired.sysctls.end()) {
        report_pair(
            diagnostics,
            pm_type->second.source,
            path_manager->second.source,
            "pm_type and path_manager are two names of one setting (also set in {}); keep path_manager");
    }
}

void report_disabled_applications(const DesiredState& desired, Diagnostics& diagnostics) {
    const auto enabled = declared_enabled(desired);
    if (enabled && !enabled->value && !desired.units.empty()) {
        report_pair(
            diagnostics,
            enabled->source,
            desired.units.begin()->second,
            "applications.units requires sysctl.enabled to be true (conflicts with {}); remove one of them");
    }
    if (!declares_program_hook(desired) || (enabled && enabled->value)) {
        return;
    }
    const bool is_all = desired.all_programs && desired.all_programs->value;
    const Source& place = is_all ? desired.all_programs->source : desired.slices.begin()->second;
    const std::string key = is_all ? "applications.all" : "applications.slices";
    if (enabled) {
        report_pair(
            diagnostics,
            enabled->source,
            place,
            "applications.all and applications.slices require sysctl.enabled to be true (conflicts with {}); "
            "remove one of them");
    } else {
        diagnostics.error(
            place, key + " requires sysctl.enabled to be true; declare `sysctl: {enabled: true}`");
    }
}

/// A glob in `units` gives way to `never`, but a unit that both lists name is a mistake in one of them.
void report_units_in_both_lists(const DesiredState& desired, Diagnostics& diagnostics) {
    for (const auto& [unit, source] : desired.never) {
        const auto turned = desired.units.find(unit);
        if (turned != desired.units.end()) {
            report_pair(
                diagnostics,
                source,
                turned->second,
                "the unit is in applications.units and in applications.never (also in {}); remove one of them");
        }
    }
}

/// The program hook holds a limited number of names.
void report_too_many_hook_names(const DesiredState& desired, Diagnostics& diagnostics) {
    if (!declares_program_hook(desired) || desired.never.empty()) {
        return;
    }
    std::size_t sets = 0;
    const Source* last = &desired.never.begin()->second;
    for (const auto& [name, source] : desired.never) {
        sets += static_cast<std::size_t>(std::count(name.begin(), name.end(), '['));
        last = diagnostics.is_later(source, *last) ? &source : last;
    }
    if (desired.never.size() + desired.slices.size() > most_hook_names) {
        diagnostics.error(
            *last,
            fmt::format(
                "together with applications.all or slices, never and slices may have {} names; use globs",
                most_hook_names));
    } else if (sets > most_hook_sets) {
        diagnostics.error(
            *last,
            fmt::format(
                "together with applications.all or slices, never may have {} sets such as [a-z]",
                most_hook_sets));
    }
}

void report_shared_ids(const DesiredState& desired, Diagnostics& diagnostics) {
    std::map<EndpointId, const Source*> holders;
    for (const auto& [key, endpoint] : desired.endpoints) {
        if (!endpoint.id || endpoint.absent) {
            continue;
        }
        const auto [holder, is_new] = holders.emplace(*endpoint.id, &endpoint.source);
        if (!is_new) {
            const std::string id = std::to_string(endpoint.id->value);
            const bool is_later = diagnostics.is_later(endpoint.source, *holder->second);
            diagnostics.error(
                is_later ? endpoint.source : *holder->second,
                fmt::format(
                    "id {} is already pinned in {}; choose another id",
                    id,
                    to_string(is_later ? *holder->second : endpoint.source)));
        }
    }
}

} // namespace

void report_conflicts(const DesiredState& desired, Diagnostics& diagnostics) {
    report_path_managers(desired, diagnostics);
    report_disabled_applications(desired, diagnostics);
    report_units_in_both_lists(desired, diagnostics);
    report_too_many_hook_names(desired, diagnostics);
    report_shared_ids(desired, diagnostics);
}

} // namespace keeper
