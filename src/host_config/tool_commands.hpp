// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host_config/command_meaning.hpp"

/// Parses the arguments of the tools that configure MPTCP, from `word` on.
namespace keeper::tool_commands {

using Words = std::vector<std::string>;
using Word = Words::const_iterator;

/// Whether the word abbreviates `whole`, as iproute2 and nmcli accept it.
[[nodiscard]] bool abbreviates(std::string_view word, std::string_view whole, std::size_t shortest = 1);

/// The arguments of `ip mptcp`; those that show or monitor have no effect.
void read_ip_mptcp(Word word, Word end, CommandMeaning& meaning);
[[nodiscard]] CommandMeaning read_sysctl(Word word, Word end);
[[nodiscard]] CommandMeaning read_nmcli(Word word, Word end);

} // namespace keeper::tool_commands
