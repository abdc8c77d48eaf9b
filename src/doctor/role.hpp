#pragma once

#include <optional>
#include <string>

#include "model/facts.hpp"

namespace keeper::rules {

/// Which end of its MPTCP connections this host is. It decides which flags help: the side that opens
/// connections opens further subflows too (`subflow`), the other side announces its addresses (`signal`).
enum class Role {
    client,  ///< it opens connections
    server,  ///< it accepts them
    both,    ///< a proxy or relay
    unknown, ///< no connection yet, and no MPTCP listener
};

/// By the live connections; where there are none by the counters since boot, then by MPTCP listeners.
[[nodiscard]] Role role_of(const Facts& facts);

/// Whether this host opened the connection; nothing where that is not known.
[[nodiscard]] std::optional<bool> is_opened_here(const Facts& facts, const Connection& connection);

/// From what the role is known: "it only accepts connections (MPCapableSYNRX 12, MPCapableSYNTX 0)".
[[nodiscard]] std::string role_evidence(const Facts& facts);

/// The flags of an endpoint that suit the role: never signal and subflow together. `laminar` only where this
/// kernel is known to have it. A role that is not known, or is both, gets those of a client, which reveal no
/// address to peers.
[[nodiscard]] EndpointFlags flags_for_role(const Facts& facts);

/// A comment to put below YAML with these flags: when to use which. Empty where the role is known.
[[nodiscard]] std::string comment_on_role(const Facts& facts);

} // namespace keeper::rules
