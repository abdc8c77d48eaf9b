// SPDX-License-Identifier: LGPL-2.1-or-later
#include "netlink/netlink_socket.hpp"

#include <optional>
#include <system_error>

#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/time.h>

namespace keeper::netlink {

namespace {

/// The largest datagram of a dump that the kernel sends (netlink_dump in net/netlink/af_netlink.c).
constexpr std::size_t longest_datagram = std::size_t{32} * 1024;

/// The kernel answers within the sending call, so this deadline should never be reached.
constexpr timeval answer_deadline{5, 0};

} // namespace

std::string to_string(const Refusal& refusal) {
    return refusal.message.empty() ? std::generic_category().message(refusal.error) : refusal.message;
}

Error to_error(const Refusal& refusal) {
    switch (refusal.error) {
    case EPERM:
    case EACCES:
        return {ErrorKind::not_permitted, to_string(refusal) + " (requires root or CAP_NET_ADMIN)"};
    case ETIMEDOUT:
        return {ErrorKind::timed_out, "the kernel did not answer in time"};
    case EPROTONOSUPPORT:
    case EAFNOSUPPORT:
        return {ErrorKind::unavailable, to_string(refusal)};
    default:
        return {ErrorKind::failed, to_string(refusal)};
    }
}

void NetlinkSocket::Close::operator()(mnl_socket* socket) const {
    mnl_socket_close(socket);
}

NetlinkSocket::NetlinkSocket(int protocol) : protocol_(protocol) {}

Answer<void> NetlinkSocket::open() {
    if (socket_) {
        return {};
    }
    std::unique_ptr<mnl_socket, Close> socket(mnl_socket_open2(protocol_, SOCK_CLOEXEC));
    if (!socket || mnl_socket_bind(socket.get(), 0, MNL_SOCKET_AUTOPID) < 0 ||
        setsockopt(
            mnl_socket_get_fd(socket.get()),
            SOL_SOCKET,
            SO_RCVTIMEO,
            &answer_deadline,
            sizeof(answer_deadline)) < 0) {
        return tl::unexpected<Refusal>(
            Refusal{errno, "cannot open a netlink socket: " + std::generic_category().message(errno)});
    }
    // Kernels before 4.20 lack some of these options; only error messages get shorter.
    int on = 1;
    for (const int option : {NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK}) {
        mnl_socket_setsockopt(socket.get(), option, &on, sizeof(on));
    }
    buffer_.resize(longest_datagram);
    socket_ = std::move(socket);
    return {};
}

tl::unexpected<Refusal> NetlinkSocket::broken(int error) {
    socket_.reset();
    return tl::unexpected<Refusal>(Refusal{error == EAGAIN ? ETIMEDOUT : error, {}});
}

Answer<Bytes> NetlinkSocket::receive() {
    for (;;) {
        const ssize_t size = mnl_socket_recvfrom(socket_.get(), buffer_.data(), buffer_.size());
        if (size >= 0) {
            return Bytes(buffer_).first(static_cast<std::size_t>(size));
        }
        if (errno != EINTR) {
            return broken(errno);
        }
    }
}

Answer<void> NetlinkSocket::acknowledged(Request& request, const Visitor& visit) {
    request.add_flags(NLM_F_ACK);
    const auto done = exchange(request, visit);
    if (!done) {
        return propagate(done);
    }
    return {};
}

Answer<bool> NetlinkSocket::exchange(Request& request, const Visitor& visit) {
    if (auto opened = open(); !opened) {
        return propagate(opened);
    }
    const std::uint32_t sequence = ++sequence_;
    const Bytes bytes = request.finish(sequence);
    if (mnl_socket_sendto(socket_.get(), bytes.data(), bytes.size()) < 0) {
        return broken(errno);
    }
    bool is_consistent = true;
    for (;;) {
        const auto received = receive();
        if (!received) {
            return propagate(received);
        }
        Bytes rest = *received;
        while (const auto message = take_message(rest)) {
            if (message->sequence != sequence) {
                continue;
            }
            is_consistent = is_consistent && (message->flags & NLM_F_DUMP_INTR) == 0;
            auto ack = parse_ack(*message);
            if (!ack) {
                visit(*message);
            } else if (ack->error == 0) {
                return is_consistent;
            } else if (ack->error == EINTR) {
                return false; // some kernels send this instead of the flag
            } else {
                return tl::unexpected<Refusal>(Refusal{ack->error, std::move(ack->message)});
            }
        }
    }
}

} // namespace keeper::netlink
