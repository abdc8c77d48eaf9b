// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

namespace keeper {

/// What the program hook of mptcp-keeper-bpf can do for this process.
enum class HookState {
    absent,       ///< none is attached
    out_of_reach, ///< none acts in these namespaces; the host may have one
    attached,     ///< it acts in scopes of `mptcp-keeper run`
    in_effect,    ///< this process's sockets are MPTCP sockets already
};

} // namespace keeper
