// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace keeper {

/// The file that is read first, relative to the root.
constexpr std::string_view main_config_file = "/etc/mptcp-keeper/config.yaml";

/// Limits for the configuration files, so that reading them is bounded.
namespace config_limits {
constexpr std::size_t max_file_bytes = 256 * 1024;
constexpr std::size_t max_files = 256;
constexpr std::size_t max_total_bytes = 2 * 1024 * 1024;
} // namespace config_limits

/// A configuration file's content, or why it could not be read.
struct ConfigSource {
    std::string file; ///< as shown in messages
    std::string text = {};
    std::string failure = {}; ///< empty if the file was read
    friend bool operator==(const ConfigSource&, const ConfigSource&) = default;
};

} // namespace keeper
