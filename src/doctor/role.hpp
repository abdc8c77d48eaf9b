// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>

#include "model/facts.hpp"

namespace keeper::rules {

/// Which end of its MPTCP connections this host is, which decides the useful flags: the side that opens
/// connections also opens further subflows (`subflow`), the other side announces its addresses (`signal`).
enum class Role {
    client,  ///< opens connections
    server,  ///< accepts connections
    both,    ///< a proxy or relay
    unknown, ///< no connection so far, and no MPTCP listener
};

/// Decided by the live connections; without any by the counters since boot, then by MPTCP listeners.
[[nodiscard]] Role role_of(const Facts& facts);

/// Whether this host opened the connection; std::nullopt if unknown.
[[nodiscard]] std::optional<bool> is_opened_here(const Facts& facts, const Connection& connection);

/// The evidence for the role: "this host accepts connections (MPCapableSYNRX 12, MPCapableSYNTX 0)".
[[nodiscard]] std::string role_evidence(const Facts& facts);

/// The endpoint flags for the role: never signal together with subflow, and `laminar` only if this kernel is
/// known to support it. The roles `unknown` and `both` get a client's flags, which reveal no address to
/// peers.
[[nodiscard]] EndpointFlags flags_for_role(const Facts& facts);

/// A comment to append to YAML with these flags, on when to use which; empty if the role is known.
[[nodiscard]] std::string role_comment(const Facts& facts);

} // namespace keeper::rules
