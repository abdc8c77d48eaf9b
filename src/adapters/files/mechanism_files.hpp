#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/host_mechanism.hpp"

namespace keeper {

/// The files of those mechanisms below `root`, each of them once whatever links lead to it, in the order of
/// the mechanisms. Files that are too large, that are not regular or that others shadow are left out; those
/// that the mechanism does not use say why. Number and size are bounded.
[[nodiscard]] std::vector<MechanismFile>
list_mechanism_files(const std::string& root, const std::vector<HostMechanism>& mechanisms);

/// A text file by its name inside of the root; nothing for a program or for what is not a regular file.
[[nodiscard]] std::optional<HostFile> read_text_file(const std::string& root, const std::string& inside);

} // namespace keeper
