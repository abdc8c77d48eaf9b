// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/description.hpp"

/// Generates the manual pages from docs/manual.md and the description of the command line.
namespace keeper::manual {

/// Replaces the comments of the manual: `<!-- options -->` by the global options, `<!-- commands -->` by all
/// commands with their options and details.
[[nodiscard]] std::string with_commands(const std::string& manual, const cli::ProgramDescription& program);

struct Page {
    std::string file; ///< "mptcp-keeper.1"
    std::string text; ///< roff with the man macros
};

/// One page for each heading "# NAME(SECTION)". Supports headings, paragraphs, fenced code, nested lists,
/// **bold**, *italic* and `code`; an item "- TERM: text" becomes a tagged paragraph.
[[nodiscard]] std::vector<Page> make_pages(const std::string& markdown, const std::string& version);

} // namespace keeper::manual
