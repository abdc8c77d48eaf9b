// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/host_mechanism.hpp"

namespace keeper {

/// The files of those mechanisms below `root`, in the order of the mechanisms; each of them once, even if
/// several links lead to it. Files that are too large, not regular or shadowed by others are left out; those
/// that the mechanism does not use contain the reason. Number and size are bounded.
[[nodiscard]] std::vector<MechanismFile>
list_mechanism_files(const std::string& root, const std::vector<HostMechanism>& mechanisms);

/// A text file by its path inside the root; std::nullopt for a program or if it is not a regular file.
[[nodiscard]] std::optional<HostFile> read_text_file(const std::string& root, const std::string& inside);

} // namespace keeper
