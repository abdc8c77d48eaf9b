// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/connection.hpp"

#include <algorithm>

namespace keeper {

namespace {

template <class Predicate>
bool any_subflow(const std::vector<Connection>& connections, Predicate predicate) {
    return std::any_of(connections.begin(), connections.end(), [&](const Connection& connection) {
        return std::any_of(connection.subflows.begin(), connection.subflows.end(), predicate);
    });
}

} // namespace

std::string to_string(SocketState state) {
    switch (state) {
    case SocketState::established:
        return "established";
    case SocketState::syn_sent:
        return "syn-sent";
    case SocketState::syn_recv:
        return "syn-recv";
    case SocketState::fin_wait_1:
        return "fin-wait-1";
    case SocketState::fin_wait_2:
        return "fin-wait-2";
    case SocketState::time_wait:
        return "time-wait";
    case SocketState::close:
        return "close";
    case SocketState::close_wait:
        return "close-wait";
    case SocketState::last_ack:
        return "last-ack";
    case SocketState::listen:
        return "listen";
    case SocketState::closing:
        return "closing";
    }
    return "unknown";
}

bool has_subflow_from(const std::vector<Connection>& connections, const IpAddress& local) {
    return any_subflow(
        connections, [&](const ConnectionSubflow& subflow) { return subflow.local.address == local; });
}

bool has_established_subflow_from(const std::vector<Connection>& connections, const IpAddress& local) {
    return any_subflow(connections, [&](const ConnectionSubflow& subflow) {
        return subflow.fully_established && subflow.local.address == local;
    });
}

} // namespace keeper
