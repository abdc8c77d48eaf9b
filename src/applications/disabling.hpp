#pragma once

#include <string>
#include <vector>

#include "model/desired_state.hpp"
#include "model/process.hpp"

namespace keeper {

/// Where `enabled: false` is declared: a sentence for every process of this network namespace that holds
/// MPTCP sockets or whose next socket fails since it is preloaded. With net.mptcp.enabled at 0 the kernel
/// refuses MPTCP sockets, it does not make TCP ones of them (ENOPROTOOPT); those that are open go on.
[[nodiscard]] std::vector<std::string>
broken_by_disabling(const DesiredState& desired, const ProcessList& running);

/// Whether that is declared, so that processes are worth looking at.
[[nodiscard]] bool declares_disabling(const DesiredState& desired);

/// What broken_by_disabling() must know, and of which processes.
[[nodiscard]] ProcessQuery processes_hit_by_disabling();

} // namespace keeper
