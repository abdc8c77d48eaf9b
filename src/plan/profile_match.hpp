#pragma once

#include <string>
#include <vector>

#include "model/desired_state.hpp"
#include "model/observed_state.hpp"

namespace keeper {

/// Whether all keys of the match hold for the profile. `interface` looks at the profile's interface-name and
/// at the devices on which it is active.
[[nodiscard]] bool matches(const ProfileMatch& match, const Profile& profile);

/// Whether the rule's match fits the profile and its `except` does not.
[[nodiscard]] bool matches(const ProfileRule& rule, const Profile& profile);

/// The rule that decides over the profile: the last that matches it, or nothing. Profiles that have a
/// skip_reason are matched by no rule.
[[nodiscard]] const ProfileRule* deciding_rule(const std::vector<ProfileRule>& rules, const Profile& profile);

} // namespace keeper
