// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

namespace keeper {

/// A YAML scalar that is read back as exactly this text, without quotes if that is safe.
[[nodiscard]] std::string yaml_scalar(const std::string& text);
/// The texts as a list in one line: "[a, b]".
[[nodiscard]] std::string yaml_list(const std::vector<std::string>& values);

} // namespace keeper
