// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

namespace keeper {

// The one place that decides what may reach a terminal, a log or the journal. Names of profiles, processes,
// units and interfaces come from elsewhere, some of them from users without privileges.

/// The text as one line: control characters (C0, DEL, C1), line and paragraph separators, characters that
/// change the direction of the text or are never visible, and bytes that are not UTF-8 become U+FFFD, a tab
/// becomes a space. The result can neither move a cursor, nor break a table, nor add a line to a log.
[[nodiscard]] std::string printable(std::string_view text);

/// Whether printable() replaces the character; a tab becomes a space.
[[nodiscard]] bool is_replaced_for_output(char32_t code);

/// The escape of a character up to U+FFFF in JSON and in double-quoted YAML: "\u202e".
[[nodiscard]] std::string unicode_escape(char32_t code);

/// printable() in double quotes, as a name appears in a message.
[[nodiscard]] std::string quoted_name(std::string_view name);

/// printable() for a line of a log: joins several lines into one, with a space in place of each line feed and
/// the indent after it.
[[nodiscard]] std::string printable_line(std::string_view text);

/// printable() for a text of several lines: they stay lines, and all but the first get the indent.
[[nodiscard]] std::string printable_lines(std::string_view text, std::string_view indent);

/// The last check before text is written to a descriptor, for text with a layout: keeps line feeds, tabs and
/// the colours that paint() of report/style.hpp writes ("ESC [ digits m"), and replaces everything else that
/// printable() replaces.
[[nodiscard]] std::string printable_document(std::string_view text);

/// A JSON text with the same meaning, in which DEL, C1 controls, line separators and characters that change
/// the direction of the text are escaped (\u009b): JSON strings may contain them, and a terminal would
/// interpret them.
[[nodiscard]] std::string printable_json(std::string_view json);

} // namespace keeper
