#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/host_file.hpp"

namespace keeper::rules {

/// Where rules for a profile can be added.
struct AppArmorProfilePlace {
    std::string file;   ///< of /etc/apparmor.d; what apparmor_parser loads
    std::string header; ///< the line that opens the profile, which the file holds once
    std::string
        local_file; ///< the administrator's own, which the profile includes; "" where it includes none
    friend bool operator==(const AppArmorProfilePlace&, const AppArmorProfilePlace&) = default;
};

/// The place of a profile by the name that the kernel logs: "named", "/usr/sbin/named", or
/// "/usr/bin/man//groff" for one inside another. Nothing where no file opens it in a line of its own, which
/// is how apparmor.d(5) is written by hand and by its tools.
[[nodiscard]] std::optional<AppArmorProfilePlace>
find_apparmor_profile(const std::vector<HostFile>& files, const std::string& profile);

} // namespace keeper::rules
