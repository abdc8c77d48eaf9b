// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <set>
#include <string>

#include "config/diagnostics.hpp"
#include "config/yaml/yaml_document.hpp"
#include "model/desired_state.hpp"

namespace keeper {

// One function per section of a file: it takes the section's node, which was validated against the grammar,
// reports errors that the grammar cannot express, and merges the valid values into the earlier declarations.
// A section that is null discards them.

void merge_sysctl(const YamlNode& section, DesiredState& desired, FileReport& report);
void merge_limits(const YamlNode& section, DesiredState& desired, FileReport& report);
void merge_profiles(const YamlNode& section, DesiredState& desired, FileReport& report);
void merge_endpoints(const YamlNode& section, DesiredState& desired, FileReport& report);
void merge_applications(const YamlNode& section, DesiredState& desired, FileReport& report);
void merge_metrics(const YamlNode& section, DesiredState& desired, FileReport& report);
void merge_reconcile(const YamlNode& section, DesiredState& desired, FileReport& report);

/// Reports contradictions in the merged configuration, at the later of the two places.
void report_conflicts(const DesiredState& desired, Diagnostics& diagnostics);

} // namespace keeper
