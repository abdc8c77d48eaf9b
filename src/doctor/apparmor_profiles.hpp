// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/host_file.hpp"

namespace keeper::rules {

/// Where rules for a profile can be added.
struct AppArmorProfilePlace {
    std::string file;       ///< in /etc/apparmor.d, as loaded by apparmor_parser
    std::string header;     ///< the line that opens the profile, unique in the file
    std::string local_file; ///< the administrator's file that the profile includes; "" if it includes none
    friend bool operator==(const AppArmorProfilePlace&, const AppArmorProfilePlace&) = default;
};

/// The place of a profile by the name that the kernel logs: "named", "/usr/sbin/named", or
/// "/usr/bin/man//groff" for one inside another. std::nullopt if no file opens it in a line of its own, as
/// people and tools write apparmor.d(5).
[[nodiscard]] std::optional<AppArmorProfilePlace>
find_apparmor_profile(const std::vector<HostFile>& files, const std::string& profile);

} // namespace keeper::rules
