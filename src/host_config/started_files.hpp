#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "model/host_mechanism.hpp"

namespace keeper {

/// Reads a text file of the host by its absolute name there; nothing for a program or for what is not there.
using ReadHostFile = std::function<std::optional<HostFile>(const std::string& path)>;

/// The files, and behind them the scripts that they start or read, those that such scripts start, and so on.
/// The number and the depth are bounded; what is there already is not read again. `root`: what the paths of
/// `files` begin with, and those given to `read` do not.
[[nodiscard]] std::vector<MechanismFile>
with_started_files(std::vector<MechanismFile> files, const std::string& root, const ReadHostFile& read);

/// Where the command or file that is written as `name` in a file with this working folder can be: absolute
/// paths, the likelier first.
[[nodiscard]] std::vector<std::string> places_of_started(const std::string& name, const std::string& folder);

} // namespace keeper
