// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/profile_dependencies.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "plan/profile_match.hpp"

namespace keeper {

namespace {

/// The plan warns of a rule that matches skipped profiles alone.
bool may_be_warned_of(const Profile& skipped, const NetworkManagerState& state, const DesiredState& desired) {
    return std::any_of(desired.profiles.begin(), desired.profiles.end(), [&](const ProfileRule& rule) {
        return matches(rule, skipped) &&
               std::none_of(state.profiles.begin(), state.profiles.end(), [&](const Profile& other) {
                   return !other.skip_reason && matches(rule, other);
               });
    });
}

bool may_matter(
    const Profile& profile,
    const NetworkManagerState& state,
    const DesiredState& desired,
    const Ownership& ownership) {
    if (ownership.profiles.count(profile.uuid) != 0) {
        return true;
    }
    return profile.skip_reason
               ? may_be_warned_of(profile, state, desired)
               : !profile.activations.empty() || deciding_rule(desired.profiles, profile) != nullptr;
}

std::set<Ifindex> unsettled_among(const LinkDependencies& links, const NetworkManagerState& state) {
    std::set<Ifindex> result;
    for (const Ifindex ifindex : state.unsettled) {
        if (links.include(ifindex)) {
            result.insert(ifindex);
        }
    }
    return result;
}

bool comes_before(const Profile& one, const Profile& other) {
    return std::tie(one.name, one.uuid) < std::tie(other.name, other.uuid);
}

} // namespace

bool differ_in_effect(
    const NetworkManagerState& before,
    const NetworkManagerState& after,
    const DesiredState& desired,
    const Ownership& ownership,
    const LinkDependencies& links) {
    if (before.version != after.version || before.default_flags != after.default_flags ||
        before.is_starting != after.is_starting || before.activating != after.activating ||
        unsettled_among(links, before) != unsettled_among(links, after)) {
        return true;
    }
    const auto matter = [&](const Profile& profile, const NetworkManagerState& state) {
        return may_matter(profile, state, desired, ownership);
    };
    // Both are sorted. Only what differs is matched with the rules.
    auto old = before.profiles.begin();
    auto now = after.profiles.begin();
    while (old != before.profiles.end() || now != after.profiles.end()) {
        const bool has_both = old != before.profiles.end() && now != after.profiles.end();
        if (has_both && *old == *now) {
            ++old;
            ++now;
            continue;
        }
        const bool is_gone = now == after.profiles.end() || (has_both && comes_before(*old, *now));
        const bool is_new = old == before.profiles.end() || (has_both && comes_before(*now, *old));
        if ((!is_new && matter(*old, before)) || (!is_gone && matter(*now, after))) {
            return true;
        }
        old += is_new ? 0 : 1;
        now += is_gone ? 0 : 1;
    }
    return false;
}

} // namespace keeper
