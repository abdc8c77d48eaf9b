// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

#include "model/found_program.hpp"
#include "model/hook_state.hpp"

namespace keeper {

/// What `mptcp-keeper run` knows about a program and the host.
struct RunFacts {
    FoundProgram program;
    bool has_library = false; ///< libmptcpwrap is installed
};

/// How a program gets MPTCP sockets. LD_PRELOAD and GODEBUG are always set, since the programs that it starts
/// inherit them.
enum class RunMeans {
    variables, ///< the variables suffice, or nothing is needed
    scope,     ///< in addition, a scope in which the program hook acts
    partly,    ///< some of its sockets remain TCP; a warning
    refused,   ///< nothing is installed that could help it or what it starts; an error
};

struct RunChoice {
    RunMeans means = RunMeans::variables;
    std::string reason; ///< for a warning or an error: what cannot be reached, why, and what to do

    friend bool operator==(const RunChoice&, const RunChoice&) = default;
};

/// Whether the choice depends on the state of the program hook.
[[nodiscard]] bool depends_on_hook(const RunFacts& facts);

[[nodiscard]] RunChoice choose_means(const RunFacts& facts, HookState hook);

/// The choice if no scope can be used; `why` says what prevents it.
[[nodiscard]] RunChoice choose_without_scope(const RunFacts& facts, std::string_view why);

} // namespace keeper
