#pragma once

#include <string>
#include <vector>

#include "host_config/statement.hpp"
#include "model/host_mechanism.hpp"

namespace keeper {

/// Commands that take the entries' lines out of a file that does other things too, by what the lines contain,
/// so that they can run twice. Where that would break the file, a comment names the lines.
[[nodiscard]] std::vector<std::string>
line_removals(const MechanismFile& file, const std::vector<FileEntry>& entries);

/// What comes before the last slash.
[[nodiscard]] std::string base_of_path(const std::string& path);

} // namespace keeper
