// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "host_config/statement.hpp"

namespace keeper {

/// One setting of a unit, with continuation lines joined.
struct UnitDirective {
    std::string key;
    std::string value; ///< of a command: without its prefixes
    int line = 0;
    bool is_continued = false;
    FileEntry entry = {};
    [[nodiscard]] bool is_command() const { return key.starts_with("Exec"); }
};
[[nodiscard]] std::vector<UnitDirective> unit_directives(const std::string& text);

/// The directives as entries, as for any other file.
[[nodiscard]] std::vector<FileEntry> unit_entries(const std::string& text);

/// WorkingDirectory=, or "/" if not set.
[[nodiscard]] std::string working_directory_of_unit(const std::string& text);

} // namespace keeper
