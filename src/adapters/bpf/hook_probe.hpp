// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "applications/hook_request.hpp"

namespace keeper {

/// Whether a TCP socket that this process creates is an MPTCP socket, although it does not ask for one.
/// Independent of libraries that are preloaded into this process.
[[nodiscard]] bool are_new_sockets_mptcp();

/// Whether a program hook of mptcp-keeper-bpf is attached that concerns this network namespace and answers
/// this probe: that of a request (exact_probe()), or of any one. Requires no privilege: the hook changes the
/// protocol of a netlink socket that the kernel would otherwise refuse.
[[nodiscard]] bool is_hook_attached(int probe = any_probe);

} // namespace keeper
