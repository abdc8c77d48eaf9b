// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace keeper {

/// A running process and how it uses MPTCP.
struct ObservedProcess {
    std::int64_t pid = 0;
    std::string name;         ///< /proc/PID/comm
    std::string executable;   ///< its path; its name, or empty, if that cannot be read
    std::string unit;         ///< of the host's systemd; empty for none
    bool same_network = true; ///< it is in this program's network namespace
    /// Its descriptors could be read, which requires CAP_SYS_PTRACE for other users' processes.
    bool sockets_known = false;
    std::size_t tcp_sockets = 0;
    std::size_t tcp_listeners = 0; ///< those of the TCP sockets that listen, in this network namespace
    std::size_t mptcp_sockets = 0; ///< as created by the program, even if the connection fell back to TCP
    bool asks_for_preload = false; ///< LD_PRELOAD in its environment contains libmptcpwrap
    bool has_preload = false;      ///< libmptcpwrap is mapped
    bool asks_go = false;          ///< GODEBUG in its environment contains multipathtcp=1
    bool refuses_go = false;       ///< GODEBUG in its environment contains multipathtcp=0
    bool is_go = false;            ///< built by Go, which makes system calls without libc
    std::string go_version;        ///< "1.24.4"; empty if unknown
    bool is_static = false;        ///< no loader, so nothing can be preloaded
    bool is_secure = false;        ///< setuid or similar: the loader ignores LD_PRELOAD (AT_SECURE)
    friend bool operator==(const ObservedProcess&, const ObservedProcess&) = default;
};

/// A process as messages name it: "nginx (pid 1234, nginx.service)"; without a unit "nginx (pid 1234)".
[[nodiscard]] std::string
describe_process(std::string_view name, std::int64_t pid, std::string_view unit = "");
[[nodiscard]] std::string describe(const ObservedProcess& process);

/// Which processes to read, and in which detail.
struct ProcessQuery {
    /// Selects processes by unit ("" for a process without one); all of them if not set.
    std::function<bool(const std::string& unit)> accepts_unit = {};
    /// Also fill in asks_for_preload, asks_go, is_go, is_static and is_secure.
    bool with_program = true;
};

/// The selected processes at one moment, without kernel threads and this program itself.
struct ProcessList {
    std::vector<ObservedProcess> processes; ///< by pid
    std::size_t unreadable = 0;             ///< how many processes have sockets that could not be read
    friend bool operator==(const ProcessList&, const ProcessList&) = default;
};

} // namespace keeper
