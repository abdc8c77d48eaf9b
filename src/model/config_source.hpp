#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace keeper {

/// The file that is read first, below the root.
constexpr std::string_view main_config_file = "/etc/mptcp-keeper/config.yaml";

/// What the configuration files may hold, so that reading them stays bounded.
namespace config_limits {
constexpr std::size_t max_file_bytes = 256 * 1024;
constexpr std::size_t max_files = 256;
constexpr std::size_t max_total_bytes = 2 * 1024 * 1024;
} // namespace config_limits

/// A configuration file as it was read, or why it could not be.
struct ConfigSource {
    std::string file; ///< as messages show it
    std::string text;
    std::string failure; ///< empty where the text could be read
};

} // namespace keeper
