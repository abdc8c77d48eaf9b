// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "model/config_source.hpp"

namespace keeper {

/// The configuration files of a host. The parser itself does no I/O.
class ConfigPort {
  public:
    ConfigPort() = default;
    ConfigPort(const ConfigPort&) = delete;
    ConfigPort& operator=(const ConfigPort&) = delete;
    virtual ~ConfigPort() = default;

    /// The configuration files below `root` ("" for the running system), in reading order: main_config_file,
    /// then the drop-ins of /usr/lib, /run and /etc by file name. A name in /etc shadows the same name in
    /// /run and /usr/lib; a link to /dev/null masks it. Links in a tree lead to files of that tree.
    [[nodiscard]] virtual std::vector<std::string> search_path(const std::string& root) = 0;

    /// Reads the files ("-" is standard input). For a file that cannot be read (a directory, a FIFO, a
    /// dangling link, …), `failure` has the reason. Stops once the limits in config_limits are exceeded; the
    /// parser reports that. `root` is that of the search path from which the files are; "" for other files.
    [[nodiscard]] virtual std::vector<ConfigSource>
    read(const std::vector<std::string>& files, const std::string& root) = 0;
    [[nodiscard]] std::vector<ConfigSource> read(const std::vector<std::string>& files) {
        return read(files, "");
    }
};

} // namespace keeper
