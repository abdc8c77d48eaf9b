#pragma once

#include <optional>
#include <set>
#include <string>

#include "model/host_mechanism.hpp"

namespace keeper {

/// The name without what editors, package managers and people append to keep an old copy; the name itself
/// where there is no such ending.
[[nodiscard]] std::string without_backup_ending(const std::string& name);

/// Judges whether a mechanism uses a file, as the mechanism itself would. What it needs of the host is read
/// once. `root` has to outlive it.
class MechanismUse {
  public:
    explicit MechanismUse(const std::string& root) : root_(root) {}

    /// Why it does not use the file; empty where it does. `inside`: the path inside of the root, `real`:
    /// where that leads to.
    [[nodiscard]] std::string reason_against(
        const HostMechanism& mechanism,
        const std::string& inside,
        const std::string& real,
        const std::string& text);

  private:
    [[nodiscard]] std::string against_unit(const std::string& name, const std::string& text);
    [[nodiscard]] std::string against_init_script(const std::string& name) const;
    [[nodiscard]] std::string against_need(const HostMechanism& mechanism, const std::string& inside) const;

    const std::string& root_;
    std::optional<std::set<std::string>> wanted_units_; ///< by other units
};

} // namespace keeper
