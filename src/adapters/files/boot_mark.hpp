// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "base/result.hpp"

namespace keeper {

/// Identifies the current boot by a file below /run that exists until the next boot: the first process that
/// records something writes the kernel's boot id there, and all others read it. The kernel's id alone is not
/// enough: a container mounts another one over it, which a unit with its own /proc does not see.
class BootMark {
  public:
    /// `path` of "" uses the kernel's id. `name_network` returns the name of the network namespace, which is
    /// written to the mark as well (network_folders.hpp).
    explicit BootMark(std::string path, std::function<std::string()> name_network = {})
        : path_(std::move(path)), name_network_(std::move(name_network)) {}

    /// The id of this boot.
    [[nodiscard]] Result<std::string> this_boot() const;
    /// Writes the mark unless it exists. Whoever records something calls this first.
    [[nodiscard]] Result<void> leave(const std::string& boot) const;

  private:
    std::string path_;
    std::function<std::string()> name_network_;
};

} // namespace keeper
