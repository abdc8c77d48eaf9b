// SPDX-License-Identifier: LGPL-2.1-or-later
#include "applications/shebang.hpp"

namespace keeper {

std::optional<std::string_view> interpreter_of_script(std::string_view start) {
    if (!start.starts_with("#!")) {
        return std::nullopt;
    }
    const std::string_view line = start.substr(2, start.find('\n') - 2);
    const std::size_t first = line.find_first_not_of(" \t");
    if (first == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view rest = line.substr(first);
    const std::size_t end = rest.find_first_of(std::string_view(" \t\0", 3));
    // The kernel refuses a name that may continue beyond what it has read.
    const bool is_cut = end == std::string_view::npos && start.size() >= shebang_size &&
                        start.find('\n') == std::string_view::npos;
    const std::string_view name = rest.substr(0, end);
    return is_cut || name.empty() ? std::nullopt : std::optional(name);
}

} // namespace keeper
