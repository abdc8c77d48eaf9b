#pragma once

#include "ports/config_port.hpp"

namespace keeper {

/// The configuration files of this machine's file system. Keeps nothing open and nothing in memory.
class ConfigFiles final : public ConfigPort {
  public:
    [[nodiscard]] std::vector<std::string> search_path(const std::string& root) override;
    [[nodiscard]] std::vector<ConfigSource> read(const std::vector<std::string>& files) override;
};

} // namespace keeper
