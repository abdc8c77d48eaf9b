#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace keeper {

/// A running program, as far as its use of MPTCP goes.
struct ObservedProcess {
    std::int64_t pid = 0;
    std::string name;         ///< /proc/PID/comm
    std::string unit;         ///< of the host's systemd; empty where none started it
    bool same_network = true; ///< it is in this program's network namespace
    /// Its descriptors could be read. Another user's takes CAP_SYS_PTRACE.
    bool sockets_known = false;
    std::size_t tcp_sockets = 0;
    std::size_t mptcp_sockets = 0; ///< what it asked for, whatever the peer made of it
    bool asks_for_preload = false; ///< LD_PRELOAD of its environment holds libmptcpwrap
    bool has_preload = false;      ///< libmptcpwrap is mapped
    bool asks_go = false;          ///< GODEBUG of its environment holds multipathtcp=1
    bool is_go = false;            ///< built by Go, which calls the kernel itself
    std::string go_version;        ///< "1.24.4"; empty where it is not told
    bool is_static = false;        ///< no loader, so that nothing can be preloaded
    bool is_secure = false;        ///< setuid or the like: the loader distrusts LD_PRELOAD (AT_SECURE)
    friend bool operator==(const ObservedProcess&, const ObservedProcess&) = default;
};

/// Which processes to look at, and how closely.
struct ProcessQuery {
    /// Those of units that it accepts ("" for a process of none); without it, of all.
    std::function<bool(const std::string& unit)> accepts_unit;
    /// Fill in asks_for_preload, asks_go, is_go, is_static and is_secure, too.
    bool with_program = true;
};

/// Those that were asked for at one moment, without kernel threads and this program itself.
struct ProcessList {
    std::vector<ObservedProcess> processes; ///< by pid
    std::size_t unreadable = 0;             ///< those whose sockets could not be looked at
    friend bool operator==(const ProcessList&, const ProcessList&) = default;
};

} // namespace keeper
