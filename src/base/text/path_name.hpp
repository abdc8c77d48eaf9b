// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

namespace keeper {

/// What follows the last slash of a path; the whole path if it has none.
[[nodiscard]] inline std::string base_name(std::string_view path) {
    return std::string(path.substr(path.rfind('/') + 1));
}

/// What precedes the last slash of a path, so "" for "/x"; the whole path if it has no slash.
[[nodiscard]] inline std::string folder_of_path(std::string_view path) {
    return std::string(path.substr(0, path.rfind('/')));
}

} // namespace keeper
