#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/description.hpp"

/// Makes the manual pages from docs/manual.md and the program's own description.
namespace keeper::manual {

/// The manual with what the program tells of itself in the place of its comments: `<!-- options -->` by the
/// options that stand before or after any command, `<!-- commands -->` by every command with its options and
/// what its --help says.
[[nodiscard]] std::string with_commands(const std::string& manual, const cli::ProgramDescription& program);

struct Page {
    std::string file; ///< "mptcp-keeper.1"
    std::string text; ///< roff with the man macros
};

/// One page for each heading "# NAME(SECTION)". Of Markdown it knows headings, paragraphs, fenced code,
/// nested lists, **bold**, *italic* and `code`; the item "- TERM: text" becomes a term with its text.
[[nodiscard]] std::vector<Page> make_pages(const std::string& markdown, const std::string& version);

} // namespace keeper::manual
