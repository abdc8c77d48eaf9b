// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "model/connection.hpp"

namespace keeper {

/// A subflow and the identity of its connection.
struct OwnedSubflow {
    std::uint32_t token = 0; ///< the local token; 0 if the connection has none (any more)
    std::uint64_t inode = 0; ///< of the connection's socket, which its subflows share; 0 for none
    ConnectionSubflow subflow;
    friend bool operator==(const OwnedSubflow&, const OwnedSubflow&) = default;
};

/// Assigns the subflows to their connections: by token or, if that is not possible (as after a fallback to
/// TCP), by socket or addresses. Initial subflows come first. Subflows without a connection in the list are
/// dropped.
void join_subflows(std::vector<Connection>& connections, const std::vector<OwnedSubflow>& subflows);

} // namespace keeper
