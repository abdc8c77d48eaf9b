// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "model/host_mechanism.hpp"

namespace keeper {

/// Reads a text file of the host by its absolute path there; std::nullopt for a binary or a missing file.
using ReadHostFile = std::function<std::optional<HostFile>(const std::string& path)>;

/// The files, followed by the scripts that they start or read, the scripts that these start, and so on.
/// Number and depth are bounded; no file is read twice. `root` is the prefix of the paths in `files`; those
/// passed to `read` do not have it.
[[nodiscard]] std::vector<MechanismFile>
with_started_files(std::vector<MechanismFile> files, const std::string& root, const ReadHostFile& read);

/// The absolute paths to which `name` may refer in a file with this working directory, most likely first.
[[nodiscard]] std::vector<std::string> candidate_paths(const std::string& name, const std::string& folder);

} // namespace keeper
