// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/host_file.hpp"

namespace keeper {

/// The language of another program's file.
enum class Syntax {
    shell,
    unit,         ///< systemd.unit(5)
    sysctl,       ///< sysctl.d(5)
    tuned,        ///< a profile of tuned; only its section [sysctl] matters
    kernel_line,  ///< a kernel command line, or a file that contains one
    crontab,      ///< with a user on each line
    user_crontab, ///< without users
    anacrontab,
    interfaces, ///< interfaces(5)
    udev,
    wg_quick,
    openvpn,
    cloud_config,
    tmpfiles,
    modprobe,
    keepalived,
    environment, ///< variables; only a preloaded library matters
    systemtap,
    profile, ///< YAML or ifcfg from which a NetworkManager profile is generated
};

/// Which of the files in its places a program uses.
enum class Picks {
    every,
    executable,
    run_parts,  ///< executable, with a name of letters, digits, hyphens and underscores: run-parts(8)
    cron,       ///< owned by root, with a name as for run_parts on Debian and any non-backup name elsewhere
    dispatcher, ///< executable, owned by root, and writable by root only: NetworkManager-dispatcher(8)
    unit,       ///< one that is enabled or started by another unit
    init_script ///< one that a link in /etc/rcN.d starts
};

/// One way in which a host runs commands or sets values at boot or on a network event. Supporting another one
/// takes one row in host_mechanisms().
struct HostMechanism {
    std::string_view name;
    Syntax syntax = Syntax::shell;
    Picks picks = Picks::every;
    /// FOLDER/PATTERN, where PATTERN is a glob and FOLDER may contain "*" as a whole component.
    std::vector<std::string_view> places = {};
    /// A file shadows files of the same name in earlier places, and a link to /dev/null in /etc masks the one
    /// in /usr/lib.
    bool shadows = false;
    /// The command that makes the program reload its files; "" for none.
    std::string_view reload = {};
    /// A file that must contain `needed_text` for the program to use the other files. {folder} in the text is
    /// the name of the file's folder.
    std::string_view needed_file = {};
    std::string_view needed_text = {};
};

/// A file of such a mechanism, or a script that one of its files starts.
struct MechanismFile {
    HostFile file;
    const HostMechanism* mechanism = nullptr; ///< a row of the table
    std::string idle = {};                    ///< why it has no effect; empty if it has one
    std::string started_by = {}; ///< the file that starts it; empty for the mechanism's own files
    friend bool operator==(const MechanismFile&, const MechanismFile&) = default;
};

} // namespace keeper
