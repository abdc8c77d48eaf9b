// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "status/status.hpp"

/// The parts of make_status(), one per file. Each fills its own members of Status.
namespace keeper::status_parts {

struct Input {
    const DesiredState& desired;
    const ObservedState& observed;
    const Ownership& ownership;
    const Plan& plan;
    /// The plan's changes by what they are about.
    std::map<std::pair<Resource, std::string>, const Change*> changes;
};

void add_endpoints(const Input& input, Status& status);
void add_profiles(const Input& input, Status& status);
void add_program_hook(const Input& input, Status& status);

/// The plan's change of that item, the first one if there are several; nullptr for none.
[[nodiscard]] const Change* find_change(const Input& input, Resource resource, const std::string& key);
/// Whether an item with that change is in sync; nullptr means that it has none.
[[nodiscard]] bool is_in_sync(const Change* change);
/// Why apply cannot bring the item in line; "" if it can. The means that apply would use are shown by diff.
[[nodiscard]] std::string note_of(const Change* change);

} // namespace keeper::status_parts
