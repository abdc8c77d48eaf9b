#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/host_file.hpp"

namespace keeper {

/// The language of a file that another program reads.
enum class Syntax {
    shell,
    unit,         ///< systemd.unit(5)
    sysctl,       ///< sysctl.d(5)
    tuned,        ///< a profile of tuned, of which the section [sysctl] counts
    kernel_line,  ///< a kernel command line, or a file that contains one
    crontab,      ///< with a user in each line
    user_crontab, ///< without
    anacrontab,
    interfaces, ///< interfaces(5)
    udev,
    wg_quick,
    openvpn,
    cloud_config,
    tmpfiles,
    modprobe,
    keepalived,
    environment, ///< variables; only a preloaded library counts
    systemtap,
    profile, ///< YAML or ifcfg that becomes a profile of NetworkManager
};

/// Which of the files in its places a program uses.
enum class Picks {
    every,
    executable,
    run_parts,  ///< executable, and a name of letters, digits, hyphens and underscores: run-parts(8)
    cron,       ///< a name as for run_parts on Debian, any but that of a backup elsewhere; owned by root
    dispatcher, ///< executable, owned by root, and writable by root only: NetworkManager-dispatcher(8)
    unit,       ///< one that something starts
    init_script ///< one that a link in /etc/rcN.d starts
};

/// One way in which a host runs commands or sets values at boot or on an event of the network. A row of
/// host_mechanisms() is all that has to be written to support another one.
struct HostMechanism {
    std::string_view name;
    Syntax syntax = Syntax::shell;
    Picks picks = Picks::every;
    /// FOLDER/PATTERN, where PATTERN is a glob and FOLDER may contain "*" as a whole component.
    std::vector<std::string_view> places = {};
    /// A file shadows those with its name in earlier places, and a link to /dev/null in /etc the one in
    /// /usr/lib.
    bool shadows = false;
    /// What makes the program read its files again; "" for nothing.
    std::string_view reload = {};
    /// A file that has to contain `needed_text`, otherwise the program does not use the others. {folder} in
    /// the text is the name of the file's folder.
    std::string_view needed_file = {};
    std::string_view needed_text = {};
};

/// A file that belongs to such a mechanism, or a script that one of its files starts.
struct MechanismFile {
    HostFile file;
    const HostMechanism* mechanism = nullptr; ///< one of the table's rows
    std::string idle = {};                    ///< why it has no effect; empty where it has one
    std::string started_by = {}; ///< the file that starts it; empty for one of the mechanism's own
    friend bool operator==(const MechanismFile&, const MechanismFile&) = default;
};

} // namespace keeper
