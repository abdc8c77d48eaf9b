// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/subflow_join.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace keeper {

namespace {

using Path = std::pair<SocketAddress, SocketAddress>;
using Orphans = std::vector<const OwnedSubflow*>;

/// Returns the subflows without a matching connection.
Orphans join_by_token(std::vector<Connection>& connections, const std::vector<OwnedSubflow>& subflows) {
    std::unordered_map<std::uint32_t, Connection*> by_token;
    by_token.reserve(connections.size());
    for (Connection& connection : connections) {
        if (connection.token != 0) {
            by_token.emplace(connection.token, &connection);
        }
    }
    Orphans orphans;
    for (const OwnedSubflow& owned : subflows) {
        if (const auto found = by_token.find(owned.token); found != by_token.end()) {
            found->second->subflows.push_back(owned.subflow);
        } else {
            orphans.push_back(&owned);
        }
    }
    return orphans;
}

void join_by_socket_or_addresses(std::vector<Connection>& connections, const Orphans& orphans) {
    std::unordered_map<std::uint64_t, Connection*> by_inode;
    std::map<Path, Connection*> fallbacks;
    for (Connection& connection : connections) {
        if (connection.inode != 0) {
            by_inode.emplace(connection.inode, &connection);
        }
        if (connection.fallback) {
            fallbacks.emplace(Path{connection.local, connection.remote}, &connection);
        }
    }
    for (const OwnedSubflow* owned : orphans) {
        const auto same_socket = by_inode.find(owned->inode);
        const auto same_path = fallbacks.find(Path{owned->subflow.local, owned->subflow.remote});
        if (same_socket != by_inode.end()) {
            same_socket->second->subflows.push_back(owned->subflow);
        } else if (same_path != fallbacks.end()) {
            same_path->second->subflows.push_back(owned->subflow);
        }
    }
}

} // namespace

void join_subflows(std::vector<Connection>& connections, const std::vector<OwnedSubflow>& subflows) {
    const Orphans orphans = join_by_token(connections, subflows);
    if (!orphans.empty()) {
        join_by_socket_or_addresses(connections, orphans);
    }
    for (Connection& connection : connections) {
        auto& list = connection.subflows;
        std::sort(list.begin(), list.end(), [](const ConnectionSubflow& a, const ConnectionSubflow& b) {
            return std::tie(a.join, a.local, a.remote) < std::tie(b.join, b.local, b.remote);
        });
    }
}

} // namespace keeper
