#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "config/diagnostics.hpp"

namespace keeper {

/// The file that is read first.
constexpr std::string_view main_file = "/etc/mptcp-keeper/config.yaml";

/// What a whole set of files may hold, so that reading stays bounded.
namespace config_limits {
constexpr std::size_t max_files = 256;
constexpr std::size_t max_total_bytes = 2 * 1024 * 1024;
} // namespace config_limits

/// parse_config() for files of which some could not be read: those are errors at their 1:1. `root`: where
/// they were looked for, see config_search_path().
[[nodiscard]] LoadedConfig
parse_sources(const std::vector<ConfigSource>& files, const std::string& root = "");

} // namespace keeper
