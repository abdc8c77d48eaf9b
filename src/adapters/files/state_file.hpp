// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "model/ownership_text.hpp"
#include "ports/state_port.hpp"

namespace keeper {

/// The keeper's record as a JSON file, mode 0644, in a directory that it creates (0755) if missing.
///
/// Opens nothing before the first call. Each of two processes that save at once writes a complete file; the
/// caller holds the lock to keep them from overwriting each other's record.
class StateFile final : public StatePort {
  public:
    /// `path` is absolute, "/var/lib/mptcp-keeper/state.json" on a running system. `boot_mark` is a file
    /// below /run that exists until the next boot: the first process that records something writes the boot
    /// id there, and all others read it. The kernel's id alone is not enough: a container mounts another one
    /// over it, which a unit with its own /proc does not see. "" uses the kernel's id. `name_network` returns
    /// the name of the network namespace, which is written to the mark as well (network_folders.hpp).
    explicit StateFile(
        std::string path, std::string boot_mark = "", std::function<std::string()> name_network = {})
        : path_(std::move(path)), boot_mark_(std::move(boot_mark)), name_network_(std::move(name_network)) {}

    [[nodiscard]] Result<Ownership> load() override;
    [[nodiscard]] Result<void> save(const Ownership& ownership) override;

  private:
    [[nodiscard]] Result<BootIdentity> boot_identity();
    [[nodiscard]] Result<std::string> this_boot() const;
    [[nodiscard]] Result<void> leave_boot_mark(const std::string& boot) const;
    /// The file's content; std::nullopt if there is no file.
    [[nodiscard]] Result<std::optional<std::string>> read_file() const;
    [[nodiscard]] Result<void> write_file(const std::string& text) const;

    std::string path_;
    std::string boot_mark_;
    std::function<std::string()> name_network_;
    std::optional<BootIdentity> identity_;
};

} // namespace keeper
