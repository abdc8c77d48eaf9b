#pragma once

#include <functional>
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
    /// `path` is absolute, "/var/lib/mptcp-keeper/state.json" on a running system. `boot_mark` is a file
    /// below /run that lives as long as the boot: the first that records something writes the boot's id
    /// there, and all others read it. The kernel's own id would not do: a container lays another one over it,
    /// which a unit with a /proc of its own does not see. "" goes by the kernel's id all the same.
    /// `name_network` names the network namespace that is recorded, which the mark does as well
    /// (network_folders.hpp); it is called when a mark is made.
    explicit StateFile(
        std::string path, std::string boot_mark = "", std::function<std::string()> name_network = {})
        : path_(std::move(path)), boot_mark_(std::move(boot_mark)), name_network_(std::move(name_network)) {}

    [[nodiscard]] Result<Ownership> load() override;
    [[nodiscard]] Result<void> save(const Ownership& ownership) override;

  private:
    [[nodiscard]] Result<BootIdentity> boot_identity();
    [[nodiscard]] Result<std::string> this_boot() const;
    [[nodiscard]] Result<void> leave_boot_mark(const std::string& boot) const;
    /// The file's bytes; nothing where there is no file.
    [[nodiscard]] Result<std::optional<std::string>> read_file() const;
    [[nodiscard]] Result<void> write_file(const std::string& text) const;

    std::string path_;
    std::string boot_mark_;
    std::function<std::string()> name_network_;
    std::optional<BootIdentity> identity_;
};

} // namespace keeper
