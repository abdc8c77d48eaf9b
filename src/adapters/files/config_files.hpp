// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "ports/config_port.hpp"

namespace keeper {

/// The configuration files of this host. Stateless: keeps nothing open or in memory.
class ConfigFiles final : public ConfigPort {
  public:
    [[nodiscard]] std::vector<std::string> search_path(const std::string& root) override;
    using ConfigPort::read;
    [[nodiscard]] std::vector<ConfigSource>
    read(const std::vector<std::string>& files, const std::string& root) override;
};

} // namespace keeper
