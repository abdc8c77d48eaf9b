// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/daemon/request_socket.hpp"

#include <algorithm>
#include <cerrno>

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/daemon/unix_peer.hpp"
#include "adapters/files/files.hpp"

namespace keeper {

namespace {

constexpr int most_waiting = 64;
constexpr std::size_t most_connections = 64;
/// Commands send their request immediately after connecting.
constexpr std::chrono::seconds patience{5};

bool watch(int events, int fd) {
    epoll_event interest{};
    interest.events = EPOLLIN;
    interest.data.fd = fd;
    return ::epoll_ctl(events, EPOLL_CTL_ADD, fd, &interest) == 0;
}

} // namespace

Result<std::unique_ptr<RequestSocket>> RequestSocket::listen(const std::string& path) {
    const auto address = unix_address(path);
    if (!address) {
        return propagate(address);
    }
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
        return fail(system_error("cannot remove " + path, errno));
    }
    UniqueFd listener(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    UniqueFd events(::epoll_create1(EPOLL_CLOEXEC));
    if (!listener || !events) {
        return fail(system_error("cannot open a socket", errno));
    }
    // The mode must be right from the start: bind() creates the file with the mode that the umask leaves.
    // With a group of the service, root's units in that group connect too, which lack CAP_DAC_OVERRIDE.
    const mode_t group = service_group(directory_of(path)) ? S_IXGRP : S_IRWXG;
    const mode_t mask = ::umask(S_IXUSR | group | S_IRWXO);
    const int bound = ::bind(listener.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof(*address));
    const int error = errno;
    ::umask(mask);
    if (bound != 0) {
        return fail(system_error("cannot create the socket " + path, error));
    }
    if (::listen(listener.get(), most_waiting) != 0 || !watch(events.get(), listener.get())) {
        return fail(system_error("cannot listen on " + path, errno));
    }
    return std::unique_ptr<RequestSocket>(new RequestSocket(path, std::move(listener), std::move(events)));
}

RequestSocket::~RequestSocket() {
    (void)::unlink(path_.c_str());
}

void RequestSocket::accept_all() {
    while (connections_.size() < most_connections) {
        UniqueFd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!fd) {
            return; // none left; an error concerns only that command
        }
        if (!check_peer(fd.get()) || !watch(events_.get(), fd.get())) {
            continue;
        }
        connections_.push_back({.fd = std::move(fd), .since = Clock::now(), .request = {}});
    }
}

void RequestSocket::read_one(Connection& connection) {
    std::string text(largest_daemon_message, '\0');
    const ssize_t size = ::recv(connection.fd.get(), text.data(), text.size(), MSG_TRUNC);
    if (size < 0) {
        const bool is_early = errno == EAGAIN || errno == EINTR;
        connection.is_over = !is_early || Clock::now() - connection.since > patience;
        return;
    }
    connection.is_over = size == 0 || static_cast<std::size_t>(size) > text.size();
    connection.is_complete = !connection.is_over;
    text.resize(connection.is_complete ? static_cast<std::size_t>(size) : 0);
    connection.request = std::move(text);
    (void)::epoll_ctl(events_.get(), EPOLL_CTL_DEL, connection.fd.get(), nullptr);
}

bool RequestSocket::collect() {
    accept_all();
    for (Connection& connection : connections_) {
        if (!connection.is_complete) {
            read_one(connection);
        }
    }
    connections_.remove_if([](const Connection& connection) { return connection.is_over; });
    return std::any_of(connections_.begin(), connections_.end(), [](const Connection& connection) {
        return connection.is_complete;
    });
}

void RequestSocket::serve(const Answer& answer) {
    for (Connection& connection : connections_) {
        if (!connection.is_complete) {
            continue;
        }
        connection.is_over = true;
        const auto request = parse_daemon_request(connection.request);
        if (!request) {
            continue; // closed without a reply; the command reports that
        }
        const std::string reply = daemon_reply_json(answer(*request));
        // Fails if the command has given up.
        (void)::send(connection.fd.get(), reply.data(), reply.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    connections_.remove_if([](const Connection& connection) { return connection.is_over; });
}

} // namespace keeper
