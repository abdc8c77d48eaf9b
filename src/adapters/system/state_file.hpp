#pragma once

#include <optional>
#include <string>

#include "model/ownership_text.hpp"
#include "ports/state_port.hpp"

namespace keeper {

/// The keeper's record as a JSON file, mode 0644, in a directory that it makes (0755) where it is missing.
///
/// Opens nothing before the first call. Two processes that save at once each leave a whole file; the caller
/// holds the lock to keep them from overwriting each other's record.
class StateFile final : public StatePort {
  public:
    /// `path` is absolute, "/var/lib/mptcp-keeper/state.json" on a running system.
    explicit StateFile(std::string path) : path_(std::move(path)) {}

    [[nodiscard]] Result<Ownership> load() override;
    [[nodiscard]] Result<void> save(const Ownership& ownership) override;

  private:
    [[nodiscard]] Result<BootIdentity> boot_identity();
    /// The file's bytes; nothing where there is no file.
    [[nodiscard]] Result<std::optional<std::string>> read_file() const;
    [[nodiscard]] Result<void> write_file(const std::string& text) const;

    std::string path_;
    std::optional<BootIdentity> identity_;
};

} // namespace keeper
