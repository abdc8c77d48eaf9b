// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <set>
#include <string>

#include "model/host_mechanism.hpp"

namespace keeper {

/// The name without the ending that editors, package managers and people use for backups; the name itself if
/// it has none.
[[nodiscard]] std::string without_backup_ending(const std::string& name);

/// Decides whether a mechanism uses a file, as the mechanism itself would. Reads what it needs from the host
/// once. `root` must outlive it.
class MechanismUse {
  public:
    explicit MechanismUse(const std::string& root) : root_(root) {}

    /// Why the mechanism does not use the file; empty if it does. `inside` is the path inside the root,
    /// `real` the path with links resolved.
    [[nodiscard]] std::string reason_unused(
        const HostMechanism& mechanism,
        const std::string& inside,
        const std::string& real,
        const std::string& text);

  private:
    [[nodiscard]] std::string reason_by_unit(const std::string& name, const std::string& text);
    [[nodiscard]] std::string reason_by_init_script(const std::string& name) const;
    [[nodiscard]] std::string
    reason_by_needed_file(const HostMechanism& mechanism, const std::string& inside) const;

    const std::string& root_;
    std::optional<std::set<std::string>> wanted_units_; ///< by other units
};

} // namespace keeper
