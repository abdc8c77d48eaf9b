// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

namespace keeper {

/// Whether a program hook answers this probe (any_probe, exact_probe() in hook_request.hpp) in the network
/// namespace of this process. Requires no privilege: the hook changes the protocol of a netlink socket that
/// the kernel would otherwise refuse.
[[nodiscard]] bool answers_probe(int probe);

} // namespace keeper
