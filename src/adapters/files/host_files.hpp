// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ports/host_port.hpp"

namespace keeper {

/// Files below a root and processes in /proc.
class HostFiles final : public HostPort {
  public:
    /// `root` is the path of an unbooted tree; "" for the running system.
    explicit HostFiles(std::string root = "") : root_(std::move(root)) {}

    [[nodiscard]] std::vector<HostFile> sysctl_files() override;
    [[nodiscard]] std::vector<MechanismFile>
    mechanism_files(const std::vector<HostMechanism>& mechanisms) override;
    [[nodiscard]] std::optional<HostFile> text_file(const std::string& path) override;
    [[nodiscard]] std::vector<HostFile> profile_keyfiles() override;
    [[nodiscard]] std::vector<Ifindex> network_manager_devices() override;
    [[nodiscard]] Result<std::string> netstat() override;
    [[nodiscard]] std::optional<std::int64_t> find_process(const std::string& name) override;

  private:
    std::string root_;
};

} // namespace keeper
