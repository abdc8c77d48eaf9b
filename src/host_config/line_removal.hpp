// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "host_config/statement.hpp"
#include "model/host_mechanism.hpp"

namespace keeper {

/// Commands that delete the entries' lines from a file with other content. They match the lines by content,
/// so they can run twice. If deletion would break the file, a comment names the lines instead.
[[nodiscard]] std::vector<std::string>
line_removals(const MechanismFile& file, const std::vector<FileEntry>& entries);

} // namespace keeper
