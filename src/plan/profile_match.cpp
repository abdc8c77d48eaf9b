// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/profile_match.hpp"

#include <algorithm>

#include <fnmatch.h>

namespace keeper {

namespace {

bool fits_glob(const std::vector<std::string>& globs, const std::string& text) {
    return std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) {
        return fnmatch(glob.c_str(), text.c_str(), 0) == 0;
    });
}

bool fits_interface(const std::vector<std::string>& globs, const Profile& profile) {
    if (!profile.interface_name.empty() && fits_glob(globs, profile.interface_name)) {
        return true;
    }
    return std::any_of(
        profile.activations.begin(), profile.activations.end(), [&](const ProfileActivation& activation) {
            return fits_glob(globs, activation.interface);
        });
}

bool contains(const std::vector<std::string>& values, const std::string& value) {
    return std::find(values.begin(), values.end(), value) != values.end();
}

} // namespace

bool matches(const ProfileMatch& match, const Profile& profile) {
    if (match.empty()) {
        return false;
    }
    return (match.names.empty() || fits_glob(match.names, profile.name)) &&
           (match.uuids.empty() || contains(match.uuids, profile.uuid)) &&
           (match.interfaces.empty() || fits_interface(match.interfaces, profile)) &&
           (match.types.empty() || contains(match.types, profile.type));
}

bool matches(const ProfileRule& rule, const Profile& profile) {
    return matches(rule.match, profile) && !(rule.except && matches(*rule.except, profile));
}

const ProfileRule* deciding_rule(const std::vector<ProfileRule>& rules, const Profile& profile) {
    if (profile.skip_reason) {
        return nullptr;
    }
    const auto last = std::find_if(
        rules.rbegin(), rules.rend(), [&](const ProfileRule& rule) { return matches(rule, profile); });
    return last == rules.rend() ? nullptr : &*last;
}

} // namespace keeper
