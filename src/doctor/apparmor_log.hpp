// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

namespace keeper::rules {

/// The MPTCP operations that AppArmor denied to one profile.
struct AppArmorDenial {
    std::string profile;            ///< decoded: "named", "/usr/sbin/named", "/usr/bin/man//groff"
    std::string record;             ///< the first one, as logged
    std::vector<std::string> rules; ///< rules that allow them, sorted, with their commas; see apparmor.d(5)
    friend bool operator==(const AppArmorDenial&, const AppArmorDenial&) = default;
};

/// The denials about MPTCP in a log's records with apparmor="DENIED", one per profile. Ignores a record if
/// apparmor="STATUS" shows that the profile was changed or removed later: what the program may do now is
/// unknown until it tries again. Also ignores records of a namespace with its own policy (a container's), and
/// those about a path that any user may have named.
[[nodiscard]] std::vector<AppArmorDenial> mptcp_denials(const std::vector<std::string>& log);

} // namespace keeper::rules
