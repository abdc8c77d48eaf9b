// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "host_config/statement.hpp"
#include "model/host_mechanism.hpp"

namespace keeper {

/// The entries of a file in order, parsed in the language of its mechanism, without comments.
[[nodiscard]] std::vector<FileEntry> entries_of(const MechanismFile& file);

/// WorkingDirectory= of a unit; for other files the directory to which their paths are relative.
[[nodiscard]] std::string working_folder(const MechanismFile& file);

} // namespace keeper
