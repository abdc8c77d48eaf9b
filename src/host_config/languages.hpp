// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host_config/statement.hpp"

/// Building blocks for the languages in which files call commands.
namespace keeper::languages {

using Entries = std::vector<FileEntry>;
using Kind = Statement::Kind;

[[nodiscard]] bool mentions(std::string_view text, std::string_view what);
[[nodiscard]] std::string_view first_word(std::string_view line);
/// The line without its first `count` words and the blanks after them.
[[nodiscard]] std::string_view skip_words(std::string_view line, int count);

/// An entry for a command that a shell parses.
[[nodiscard]] FileEntry shell_entry(std::string_view command, int line);
/// An entry for a command that the program splits into words itself.
[[nodiscard]] FileEntry word_entry(std::string_view command, int line);
/// An entry that does not affect MPTCP.
[[nodiscard]] FileEntry unrelated_entry(int line);

/// interfaces(5): up, pre-up, post-up, down, pre-down, post-down and source.
[[nodiscard]] Entries interfaces_entries(const std::string& text);
/// The quoted values of the keys RUN, PROGRAM, IMPORT{program} and SYSCTL{…} in a rule.
[[nodiscard]] Entries udev_entries(const std::string& text);
/// The lists runcmd and bootcmd of cloud-init: each item is a command line or a list of words.
[[nodiscard]] Entries cloud_entries(const std::string& text);

} // namespace keeper::languages
