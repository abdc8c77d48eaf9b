// SPDX-License-Identifier: LGPL-2.1-or-later
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

/// Files and processes of other programs that may configure MPTCP. What cannot be read is left out.
class HostPort {
  public:
    virtual ~HostPort() = default;
    /// sysctl.d(5) files in the order in which systemd-sysctl applies them, /etc/sysctl.conf last unless one
    /// of them is a link to it.
    [[nodiscard]] virtual std::vector<HostFile> sysctl_files() = 0;
    /// The files of those mechanisms, in order. Files that cannot be read or that another file shadows are
    /// left out; for a file that its mechanism does not use, `idle` has the reason. The mechanisms must
    /// outlive the result.
    [[nodiscard]] virtual std::vector<MechanismFile>
    mechanism_files(const std::vector<HostMechanism>& mechanisms) = 0;
    /// A text file by its absolute path; std::nullopt for a binary, and if it is missing or not a regular
    /// file.
    [[nodiscard]] virtual std::optional<HostFile> text_file(const std::string& path) = 0;
    /// NetworkManager's keyfiles; a file in /etc shadows the same name in /run and /usr/lib. They may contain
    /// secrets: only what parse_keyfile() reads is kept.
    [[nodiscard]] virtual std::vector<HostFile> profile_keyfiles() = 0;
    /// The devices on which NetworkManager last ran a profile; it may have stopped since.
    [[nodiscard]] virtual std::vector<Ifindex> network_manager_devices() = 0;
    /// /proc/net/netstat of the network namespace, for parse_mptcp_counters().
    [[nodiscard]] virtual Result<std::string> netstat() = 0;
    /// The pid of a process with that name (/proc/PID/comm).
    [[nodiscard]] virtual std::optional<std::int64_t> find_process(const std::string& name) = 0;
};

} // namespace keeper
