#pragma once

#include <string>
#include <vector>

#include "status/status.hpp"

/// The parts of make_status, one a file. Each fills its own members of the Status.
namespace keeper::status_parts {

struct Input {
    const DesiredState& desired;
    const ObservedState& observed;
    const Ownership& ownership;
    const Plan& plan;
};

void add_endpoints(const Input& input, Status& status);
void add_profiles(const Input& input, Status& status);

/// The plan's change of that item, or nothing.
[[nodiscard]] const Change* find_change(const Plan& plan, Resource resource, const std::string& key);
/// Whether an item with that change (nothing: none) is in sync.
[[nodiscard]] bool is_in_sync(const Change* change);
/// Why the item is not as declared, where apply cannot change that; "" otherwise. How apply does what it can
/// is diff's to tell.
[[nodiscard]] std::string note_of(const Change* change);

} // namespace keeper::status_parts
