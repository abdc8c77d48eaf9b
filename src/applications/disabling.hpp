// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "model/desired_state.hpp"
#include "model/process.hpp"

namespace keeper {

/// If `enabled: false` is declared: a warning for every process of this network namespace that has MPTCP
/// sockets, or whose next socket will fail because libmptcpwrap is preloaded. With net.mptcp.enabled at 0 the
/// kernel refuses MPTCP sockets (ENOPROTOOPT) instead of creating TCP sockets; open ones continue to work.
[[nodiscard]] std::vector<std::string>
broken_by_disabling(const DesiredState& desired, const ProcessList& running);

/// Whether `enabled: false` is declared, so that broken_by_disabling() needs processes.
[[nodiscard]] bool declares_disabling(const DesiredState& desired);

/// The processes that broken_by_disabling() needs.
[[nodiscard]] ProcessQuery processes_hit_by_disabling();

} // namespace keeper
