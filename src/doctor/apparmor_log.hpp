#pragma once

#include <string>
#include <vector>

namespace keeper::rules {

/// What AppArmor denied a profile, by the records of one profile.
struct AppArmorDenial {
    std::string profile;            ///< decoded: "named", "/usr/sbin/named", "/usr/bin/man//groff"
    std::string record;             ///< the first one, as logged
    std::vector<std::string> rules; ///< that allow it, sorted, each with its comma; see apparmor.d(5)
    friend bool operator==(const AppArmorDenial&, const AppArmorDenial&) = default;
};

/// What a log's records with apparmor="DENIED" deny about MPTCP, a profile each, by its first record. A
/// record is left out where apparmor="STATUS" says that the profile was changed or removed later: what the
/// program may do now is not known until it tries again. So is one of a namespace with its own policy (a
/// container's), and one about a path that any user may have named.
[[nodiscard]] std::vector<AppArmorDenial> mptcp_denials(const std::vector<std::string>& log);

} // namespace keeper::rules
