// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/daemon/daemon_socket.hpp"

#include <cerrno>
#include <optional>
#include <thread>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapters/daemon/daemon_link.hpp"
#include "adapters/daemon/unix_peer.hpp"
#include "adapters/files/files.hpp"
#include "adapters/files/unique_fd.hpp"

namespace keeper {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

Error no_answer(milliseconds limit) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(limit).count();
    return {
        ErrorKind::timed_out,
        "the running daemon has not answered within " + std::to_string(seconds) + " s (is it stopped?)"};
}

/// Connects; std::nullopt if no daemon listens.
Result<std::optional<UniqueFd>>
connect_to(const std::string& path, Clock::time_point end, milliseconds limit) {
    const auto address = unix_address(path);
    if (!address) {
        return propagate(address);
    }
    UniqueFd fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) {
        return fail(system_error("cannot open a socket", errno));
    }
    while (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof(*address)) != 0) {
        if (errno == ENOENT || errno == ECONNREFUSED) {
            return std::optional<UniqueFd>();
        }
        if (errno != EAGAIN && errno != EINTR) {
            return fail(system_error("cannot reach the daemon at " + path, errno));
        }
        if (Clock::now() >= end) {
            return fail(no_answer(limit)); // the daemon's backlog is full
        }
        std::this_thread::sleep_for(milliseconds(20));
    }
    if (const auto known = check_peer(fd.get(), service_group(directory_of(path))); !known) {
        return fail("cannot trust the daemon at " + path, known.error());
    }
    return std::optional<UniqueFd>(std::move(fd));
}

/// The reply; empty if the daemon ended before it sent one.
Result<std::string> exchange(int fd, const std::string& request, Clock::time_point end, milliseconds limit) {
    if (::send(fd, request.data(), request.size(), MSG_NOSIGNAL) < 0) {
        if (errno == EPIPE || errno == ECONNRESET) {
            return std::string();
        }
        return fail(system_error("cannot send a request to the running daemon", errno));
    }
    std::string reply(largest_daemon_message, '\0');
    for (;;) {
        const auto left = std::chrono::ceil<milliseconds>(end - Clock::now());
        pollfd interest{fd, POLLIN, 0};
        const int ready = left.count() > 0 ? ::poll(&interest, 1, static_cast<int>(left.count())) : 0;
        if (ready == 0) {
            return fail(no_answer(limit));
        }
        const ssize_t size = ready < 0 ? -1 : ::recv(fd, reply.data(), reply.size(), 0);
        if (size >= 0) {
            reply.resize(static_cast<std::size_t>(size));
            return reply;
        }
        if (errno == ECONNRESET) {
            return std::string();
        }
        if (errno != EINTR && errno != EAGAIN) {
            return fail(system_error("cannot read the running daemon's reply", errno));
        }
    }
}

} // namespace

Result<std::optional<DaemonReply>> DaemonSocket::ask(const DaemonRequest& request) {
    const auto end = Clock::now() + time_limit_;
    const std::string text = daemon_request_json(request);
    const DaemonLink link(folder_);
    for (int closed = 0; Clock::now() < end; ++closed) {
        auto connection = connect_to(link.socket(), end, time_limit_);
        if (!connection) {
            return propagate(connection);
        }
        if (!*connection) {
            return link.reply_without_socket();
        }
        const auto reply = exchange((*connection)->get(), text, end, time_limit_);
        if (!reply) {
            return propagate(reply);
        }
        if (!reply->empty()) {
            auto parsed = parse_daemon_reply(*reply);
            if (!parsed) {
                return propagate(parsed);
            }
            return std::optional<DaemonReply>(std::move(*parsed));
        }
        // The daemon is ending or restarting; one that starts reads the files anyway.
        constexpr int most_closed = 100;
        if (closed == most_closed) {
            return fail("the running daemon closed the connection without a reply");
        }
        std::this_thread::sleep_for(milliseconds(20));
    }
    return fail(no_answer(time_limit_));
}

std::optional<DaemonRecord> DaemonSocket::record() {
    return DaemonLink(folder_).running_daemon();
}

} // namespace keeper
