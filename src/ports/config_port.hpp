#pragma once

#include <string>
#include <vector>

#include "model/config_source.hpp"

namespace keeper {

/// The configuration files of a host, which the parser itself never touches.
class ConfigPort {
  public:
    ConfigPort() = default;
    ConfigPort(const ConfigPort&) = delete;
    ConfigPort& operator=(const ConfigPort&) = delete;
    virtual ~ConfigPort() = default;

    /// The files that make up the configuration below `root` ("" for the running system), in the order of
    /// reading: main_config_file, then the drop-ins of /usr/lib, /run and /etc by file name, a name in /etc
    /// shadowing /run and /usr/lib, a link to /dev/null masking.
    [[nodiscard]] virtual std::vector<std::string> search_path(const std::string& root) = 0;

    /// Reads the files ("-" is standard input). A file that cannot be used (a directory, a FIFO, a dangling
    /// link, …) has the reason in `failure`. Stops once the bounds of config_limits are exceeded, which the
    /// parser then reports.
    [[nodiscard]] virtual std::vector<ConfigSource> read(const std::vector<std::string>& files) = 0;
};

} // namespace keeper
