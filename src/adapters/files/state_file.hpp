// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "adapters/files/boot_mark.hpp"
#include "model/ownership_text.hpp"
#include "ports/state_port.hpp"

namespace keeper {

/// The keeper's record as a JSON file, mode 0644, in a directory that it creates (0755) if missing.
///
/// Opens nothing before the first call. Each of two processes that save at once writes a complete file; the
/// caller holds the lock to keep them from overwriting each other's record.
class StateFile final : public StatePort {
  public:
    /// `path` is absolute, "/var/lib/mptcp-keeper/state.json" on a running system.
    explicit StateFile(std::string path, BootMark boot_mark = BootMark(""))
        : path_(std::move(path)), boot_mark_(std::move(boot_mark)) {}

    [[nodiscard]] Result<Ownership> load() override;
    [[nodiscard]] Result<void> save(const Ownership& ownership) override;

  private:
    [[nodiscard]] Result<BootIdentity> boot_identity();
    /// The file's content; std::nullopt if there is no file.
    [[nodiscard]] Result<std::optional<std::string>> read_file() const;
    [[nodiscard]] Result<void> write_file(const std::string& text) const;

    std::string path_;
    BootMark boot_mark_;
    std::optional<BootIdentity> identity_;
};

} // namespace keeper
