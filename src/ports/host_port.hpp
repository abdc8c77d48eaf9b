#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "model/endpoint.hpp"
#include "model/host_file.hpp"
#include "model/host_mechanism.hpp"

namespace keeper {

/// What else is on the host that may set MPTCP up: files and programs of others. What cannot be read is left
/// out.
class HostPort {
  public:
    virtual ~HostPort() = default;
    /// sysctl.d(5) files in the order in which systemd-sysctl applies them, /etc/sysctl.conf last unless one
    /// of them is a link to it.
    [[nodiscard]] virtual std::vector<HostFile> sysctl_files() = 0;
    /// The files of those mechanisms, in their order. What cannot be read, and what another file shadows, is
    /// left out; a file that its mechanism does not use says why. The mechanisms have to outlive the answer.
    [[nodiscard]] virtual std::vector<MechanismFile>
    mechanism_files(const std::vector<HostMechanism>& mechanisms) = 0;
    /// A text file by its absolute path; nothing for a program, for what is not a regular file or is not
    /// there.
    [[nodiscard]] virtual std::optional<HostFile> text_file(const std::string& path) = 0;
    /// NetworkManager's keyfiles; a file in /etc shadows the one of that name in /run and /usr/lib. They may
    /// hold secrets: nothing of them is kept but what parse_keyfile() takes.
    [[nodiscard]] virtual std::vector<HostFile> profile_keyfiles() = 0;
    /// The devices on which NetworkManager ran a profile when it was last seen; it may be gone by now.
    [[nodiscard]] virtual std::vector<Ifindex> network_manager_devices() = 0;
    /// The text of /proc/net/netstat of the network namespace: parse_mptcp_counters() reads it.
    [[nodiscard]] virtual Result<std::string> netstat() = 0;
    /// The pid of a process with that name (/proc/PID/comm).
    [[nodiscard]] virtual std::optional<std::int64_t> find_process(const std::string& name) = 0;
};

} // namespace keeper
