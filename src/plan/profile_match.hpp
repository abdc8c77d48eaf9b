// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "model/desired_state.hpp"
#include "model/observed_state.hpp"

namespace keeper {

/// Whether all keys of the match hold for the profile. `interface` covers the profile's interface-name and
/// the devices on which it is active.
[[nodiscard]] bool matches(const ProfileMatch& match, const Profile& profile);

/// Whether the rule's `match` matches the profile and its `except` does not.
[[nodiscard]] bool matches(const ProfileRule& rule, const Profile& profile);

/// The rule that decides the profile: the last one that matches it; null for none. No rule decides a profile
/// with a skip_reason.
[[nodiscard]] const ProfileRule* deciding_rule(const std::vector<ProfileRule>& rules, const Profile& profile);

} // namespace keeper
