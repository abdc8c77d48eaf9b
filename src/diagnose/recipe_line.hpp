#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What one command line of the recipe does, be it in a unit or in a script.
namespace keeper::recipe_line {

/// Where the arguments of `ip mptcp` begin; nothing where the line does not call it.
[[nodiscard]] std::optional<std::vector<std::string>::const_iterator>
after_ip_mptcp(const std::vector<std::string>& words);

/// `setup` changes the host, `program` makes one program use MPTCP, `every_program` all of them.
enum class Deed { nothing, setup, program, every_program };

struct Meaning {
    Deed deed = Deed::nothing;
    std::string reason; ///< what it does, and where the keeper has that; empty for nothing
};
[[nodiscard]] Meaning meaning_of(std::string_view line);

/// Whether it starts a program by `mptcpize run`.
[[nodiscard]] bool runs_mptcpize(std::string_view line);

} // namespace keeper::recipe_line
