#pragma once

#include <cstdint>
#include <vector>

#include "model/connection.hpp"

namespace keeper {

/// A subflow, and what says which connection it belongs to.
struct OwnedSubflow {
    std::uint32_t token = 0; ///< the local one; 0 where the connection has none (any more)
    std::uint64_t inode = 0; ///< of the connection's socket, which its subflows share; 0 for none
    ConnectionSubflow subflow;
    friend bool operator==(const OwnedSubflow&, const OwnedSubflow&) = default;
};

/// Gives each connection its subflows: by the token, and where that says nothing, as it may after a fallback
/// to TCP, by the socket or by the addresses. Initial subflows come first. Those of no connection in the
/// list are dropped.
void join_subflows(std::vector<Connection>& connections, const std::vector<OwnedSubflow>& subflows);

} // namespace keeper
