// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

namespace keeper {

/// Whether a TCP socket that this process creates is an MPTCP socket, although it does not ask for one.
/// Independent of libraries that are preloaded into this process.
[[nodiscard]] bool are_new_sockets_mptcp();

/// Whether a program hook of mptcp-keeper-bpf is attached that concerns this network namespace.
[[nodiscard]] bool is_hook_attached();

} // namespace keeper
