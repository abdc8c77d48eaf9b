#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host_config/command_meaning.hpp"

/// The arguments of the tools that set MPTCP up, from `word` on.
namespace keeper::tool_commands {

using Words = std::vector<std::string>;
using Word = Words::const_iterator;

/// Whether the word is a beginning of the whole, as iproute2 and nmcli accept it.
[[nodiscard]] bool abbreviates(std::string_view word, std::string_view whole, std::size_t shortest = 1);

/// What follows `ip mptcp`; showing and watching changes nothing.
void read_ip_mptcp(Word word, Word end, CommandMeaning& meaning);
[[nodiscard]] CommandMeaning read_sysctl(Word word, Word end);
[[nodiscard]] CommandMeaning read_nmcli(Word word, Word end);

} // namespace keeper::tool_commands
