#pragma once

#include <map>
#include <string>
#include <vector>

namespace keeper {

/// What systemd's files say of the units whose programs shall use MPTCP. Nothing of it asks systemd.
struct ObservedUnits {
    bool systemd_runs =
        false; ///< as the init system; without it no generator runs and no unit can be restarted
    bool has_generator = false;      ///< the generator that writes the drop-ins is installed
    bool has_preload_library = true; ///< libmptcpwrap is installed
    int systemd_version = 0;         ///< 0: unknown, or nobody needed it
    std::vector<std::string> known;  ///< names of unit files, and of template instances that some unit wants
    /// The drop-ins that the generator wrote at the last start or daemon-reload, by unit or template.
    std::map<std::string, std::string> drop_ins;
    friend bool operator==(const ObservedUnits&, const ObservedUnits&) = default;
};

} // namespace keeper
