#pragma once

#include <string>
#include <vector>

#include "config/config.hpp"

namespace keeper {

/// The files that make up the configuration below `root` ("" for the running system), in the order of
/// reading: /etc/mptcp-keeper/config.yaml, then the drop-ins of /usr/lib, /run and /etc by file name, a name
/// in /etc shadowing /run and /usr/lib, a link to /dev/null masking.
[[nodiscard]] std::vector<std::string> config_search_path(const std::string& root);

/// Reads and merges the files ("-" is standard input). A file that cannot be used (a directory, a FIFO, a
/// dangling link, more than 256 KiB, …) is an error at 1:1 of that file. `root`: as for config_search_path().
[[nodiscard]] LoadedConfig load_config(const std::vector<std::string>& files, const std::string& root = "");

} // namespace keeper
