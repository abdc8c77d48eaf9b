#pragma once

#include <vector>

#include "host_config/statement.hpp"
#include "model/host_mechanism.hpp"

namespace keeper {

/// What a file does, in its order, as the mechanism that it belongs to reads it; comments are left out.
[[nodiscard]] std::vector<FileEntry> entries_of(const MechanismFile& file);

/// The variable WorkingDirectory= of a unit, or the folder that a path in the file is relative to.
[[nodiscard]] std::string working_folder(const MechanismFile& file);

} // namespace keeper
