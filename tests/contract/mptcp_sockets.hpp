// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <cstring>
#include <stdexcept>
#include <string>
#include <system_error>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include "adapters/files/unique_fd.hpp"
#include "model/endpoint.hpp"

namespace keeper::contract {

/// A socket address for the kernel.
struct RawAddress {
    sockaddr_storage storage{};
    socklen_t size = 0;
    explicit RawAddress(const SocketAddress& key) {
        if (key.address.family() == Family::ipv4) {
            sockaddr_in v4{};
            v4.sin_family = AF_INET;
            v4.sin_port = htons(key.port);
            std::memcpy(&v4.sin_addr, key.address.bytes().data(), 4);
            std::memcpy(&storage, &v4, sizeof(v4));
            size = sizeof(v4);
        } else {
            sockaddr_in6 v6{};
            v6.sin6_family = AF_INET6;
            v6.sin6_port = htons(key.port);
            std::memcpy(&v6.sin6_addr, key.address.bytes().data(), 16);
            std::memcpy(&storage, &v6, sizeof(v6));
            size = sizeof(v6);
        }
    }
    [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
    [[nodiscard]] int family() const { return storage.ss_family; }
};

inline int checked(int result, const char* what) {
    if (result < 0) {
        throw std::system_error(errno, std::generic_category(), what);
    }
    return result;
}

inline SocketAddress key(const char* text) {
    return parse_socket_address(text).value();
}

/// A listener; protocol is IPPROTO_MPTCP or IPPROTO_TCP.
inline UniqueFd listen_on(const SocketAddress& at, int protocol = IPPROTO_MPTCP) {
    const RawAddress address(at);
    UniqueFd listener(checked(socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, protocol), "socket"));
    checked(bind(listener.get(), address.get(), address.size), "bind");
    checked(listen(listener.get(), SOMAXCONN), "listen");
    return listener;
}

/// Both ends of one connection within this namespace, after data went both ways.
struct ConnectedPair {
    UniqueFd client;
    UniqueFd server;

    ConnectedPair(
        const UniqueFd& listener,
        const SocketAddress& from,
        const SocketAddress& to,
        int protocol = IPPROTO_MPTCP) {
        const RawAddress local(from);
        const RawAddress remote(to);
        client = UniqueFd(checked(socket(local.family(), SOCK_STREAM | SOCK_CLOEXEC, protocol), "socket"));
        checked(bind(client.get(), local.get(), local.size), "bind");
        checked(connect(client.get(), remote.get(), remote.size), "connect");
        server = UniqueFd(checked(accept(listener.get(), nullptr, nullptr), "accept"));
        char byte = 'x';
        for (const auto& [one, other] :
             {std::pair{client.get(), server.get()}, {server.get(), client.get()}}) {
            checked(static_cast<int>(send(one, &byte, 1, 0)), "send");
            checked(static_cast<int>(recv(other, &byte, 1, 0)), "recv");
        }
    }
};

/// Checks repeatedly until the condition holds; false after 10 s.
template <class Condition>
bool eventually(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) {
            return false;
        }
        poll(nullptr, 0, 5);
    }
    return true;
}

} // namespace keeper::contract
