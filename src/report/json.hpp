// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "daemon_record/json.hpp"

namespace keeper {

/// The document indented by two, ended by a line feed. Replaces invalid UTF-8; does not throw.
[[nodiscard]] std::string to_document(const Json& json);
/// The "config" of `status` and `check`: {"version", "hash", "loaded_hash", "files"}; an empty hash is null.
[[nodiscard]] Json config_summary_json(
    const std::string& hash, const std::string& loaded_hash, const std::vector<std::string>& files);

/// The document on one line, ended by a line feed. Replaces invalid UTF-8; does not throw.
[[nodiscard]] std::string json_line(const Json& json);

} // namespace keeper
