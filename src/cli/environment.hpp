#pragma once

#include <functional>
#include <string>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "cli/console.hpp"
#include "engine/engine.hpp"

namespace keeper::cli {

/// What the commands need of the outside world; main() wires it.
struct Environment {
    std::string version;
    Console& console;
    Engine& engine;
    /// Takes the lock that every change of the host needs, for as long as the descriptor is open; calls the
    /// function once where that takes longer than a moment.
    std::function<Result<UniqueFd>(const std::function<void()>& notice)> lock;
    /// Whether this process has the right to change the network at all.
    std::function<bool()> may_change_network;
};

} // namespace keeper::cli
