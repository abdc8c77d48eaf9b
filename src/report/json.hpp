// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "daemon_record/json.hpp"

namespace keeper {

/// The document indented by two, ended by a line feed. Replaces invalid UTF-8; does not throw.
[[nodiscard]] std::string to_document(const Json& json);
/// The document on one line, ended by a line feed. Replaces invalid UTF-8; does not throw.
[[nodiscard]] std::string json_line(const Json& json);

} // namespace keeper
