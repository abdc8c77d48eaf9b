#pragma once

#include <set>
#include <string>

#include "config/diagnostics.hpp"
#include "config/yaml/yaml_document.hpp"
#include "model/desired_state.hpp"

namespace keeper {

// One function for each section of a file: takes the section's node, which was validated against the grammar,
// reports what the grammar cannot express, and merges the sound values into what earlier files declared. A
// section that is null takes back what they declared.

void merge_sysctl(const YamlNode& section, DesiredState& desired, FileReport& report);
void merge_limits(const YamlNode& section, DesiredState& desired, FileReport& report);
void merge_profiles(const YamlNode& section, DesiredState& desired, FileReport& report);
void merge_endpoints(const YamlNode& section, DesiredState& desired, FileReport& report);
void merge_applications(const YamlNode& section, DesiredState& desired, FileReport& report);
void merge_reconcile(const YamlNode& section, DesiredState& desired, FileReport& report);

/// Reports what contradicts itself only once all files are merged, at the later of the two places.
void report_conflicts(const DesiredState& desired, Diagnostics& diagnostics);

} // namespace keeper
