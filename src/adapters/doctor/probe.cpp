// SPDX-License-Identifier: LGPL-2.1-or-later
#include <cerrno>
#include <cstring>
#include <string_view>

#include <arpa/inet.h>
#include <linux/mptcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include "adapters/doctor/flow_watch.hpp"
#include "adapters/doctor/gatherers.hpp"
#include "adapters/files/files.hpp"
#include "adapters/files/host_files.hpp"
#include "adapters/files/unique_fd.hpp"
#include "adapters/processes/run_program.hpp"
#include "base/text/words.hpp"
#include "model/probe_target.hpp"

namespace keeper::gather {

namespace {

using Clock = std::chrono::steady_clock;

// From <linux/in.h> and <linux/socket.h>; the headers of Debian 12 lack some of them.
constexpr int ipproto_mptcp = 262;
constexpr int sol_mptcp = 284;
/// The kernel omits MPTCP from the third or fourth SYN, 3 to 7 s after the first.
constexpr std::chrono::seconds connect_limit(10);
constexpr std::chrono::seconds byte_limit(2);
constexpr std::chrono::seconds tcp_limit(3);

/// The first address of a name. Runs getent(1), which can be killed: a resolver's own timeouts take minutes.
Result<IpAddress> resolve(const std::string& host) {
    if (const auto address = IpAddress::parse(host)) {
        return *address;
    }
    const auto answer = run_program({"getent", "ahosts", host}, std::chrono::seconds(6));
    if (!answer) {
        return fail("cannot resolve " + host, answer.error());
    }
    std::string_view rest = answer->out;
    const auto address = IpAddress::parse(take_word(rest));
    if (!address) {
        return fail("cannot resolve " + host + ": no such host");
    }
    return *address;
}

struct RawAddress {
    sockaddr_storage bytes{};
    socklen_t length = 0;
    [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&bytes); }
};

RawAddress socket_address(const IpAddress* address, Family family, std::uint16_t port) {
    RawAddress result;
    if (family == Family::ipv4) {
        auto& inet = reinterpret_cast<sockaddr_in&>(result.bytes);
        inet.sin_family = AF_INET;
        inet.sin_port = htons(port);
        if (address != nullptr) {
            std::memcpy(&inet.sin_addr, address->bytes().data(), 4);
        }
        result.length = sizeof(inet);
    } else {
        auto& inet = reinterpret_cast<sockaddr_in6&>(result.bytes);
        inet.sin6_family = AF_INET6;
        inet.sin6_port = htons(port);
        if (address != nullptr) {
            std::memcpy(&inet.sin6_addr, address->bytes().data(), 16);
        }
        result.length = sizeof(inet);
    }
    return result;
}

/// The port that the kernel assigns to the socket, bound before it connects so that its first packet is
/// captured.
std::optional<std::uint16_t> bind_port(int fd, Family family) {
    const RawAddress any = socket_address(nullptr, family, 0);
    sockaddr_storage own{};
    socklen_t length = sizeof(own);
    if (bind(fd, any.get(), any.length) != 0 ||
        getsockname(fd, reinterpret_cast<sockaddr*>(&own), &length) != 0) {
        return std::nullopt;
    }
    return ntohs(
        family == Family::ipv4 ? reinterpret_cast<const sockaddr_in&>(own).sin_port
                               : reinterpret_cast<const sockaddr_in6&>(own).sin6_port);
}

/// Connects while capturing packets. Returns the errno, 0 on success.
int connect_within(
    int fd,
    const RawAddress& peer,
    Clock::duration limit,
    std::optional<FlowWatch>& watch,
    ProbeFact& probe) {
    if (connect(fd, peer.get(), peer.length) == 0) {
        return 0;
    }
    if (errno != EINPROGRESS) {
        return errno;
    }
    const auto deadline = Clock::now() + limit;
    while (Clock::now() < deadline) {
        pollfd ready{fd, POLLOUT, 0};
        const int events = poll(&ready, 1, 100);
        if (watch) {
            watch->collect(probe);
        }
        if (events > 0) {
            int error = 0;
            socklen_t length = sizeof(error);
            getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
            return error;
        }
    }
    return ETIMEDOUT;
}

/// Sends one byte and waits until the peer has received it or the connection has fallen back.
void send_byte(int fd, std::optional<FlowWatch>& watch, ProbeFact& probe) {
    static_cast<void>(send(fd, "\n", 1, MSG_NOSIGNAL));
    const auto deadline = Clock::now() + byte_limit;
    bool is_settled = false;
    while (!is_settled && Clock::now() < deadline) {
        poll(nullptr, 0, 20);
        if (watch) {
            watch->collect(probe);
        }
        mptcp_info info{};
        socklen_t length = sizeof(info);
        if (getsockopt(fd, sol_mptcp, MPTCP_INFO, &info, &length) != 0) {
            return; // before Linux 5.16; on some kernels after a fallback
        }
        probe.fallback = (info.mptcpi_flags & MPTCP_INFO_FLAG_FALLBACK) != 0;
        is_settled = *probe.fallback || info.mptcpi_snd_una == info.mptcpi_write_seq;
    }
}

/// Whether plain TCP can connect where MPTCP could not.
bool connects_by_tcp(const RawAddress& peer, ProbeFact& probe) {
    const UniqueFd fd(socket(peer.bytes.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
    std::optional<FlowWatch> unwatched;
    return fd && connect_within(fd.get(), peer, tcp_limit, unwatched, probe) == 0;
}

void connect_and_send(const RawAddress& peer, Family family, Facts& facts, ProbeFact& probe) {
    const UniqueFd fd(
        socket(peer.bytes.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, ipproto_mptcp));
    if (!fd) {
        probe.has_socket = false;
        probe.error = system_error("cannot create an MPTCP socket", errno).message;
        return;
    }
    std::optional<FlowWatch> watch;
    if (const auto port = bind_port(fd.get(), family)) {
        auto made = FlowWatch::create(*port);
        if (made) {
            watch = std::move(*made);
            probe.packets_seen = true;
        } else {
            facts.skipped.push_back({"probe packets", made.error().message});
        }
    }
    const int error = connect_within(fd.get(), peer, connect_limit, watch, probe);
    if (error != 0) {
        probe.error = system_error("cannot connect to " + probe.target, error).message;
        if (error == ECONNREFUSED || error == ECONNRESET) {
            probe.connects_by_tcp = connects_by_tcp(peer, probe);
        }
        return;
    }
    probe.connected = true;
    send_byte(fd.get(), watch, probe);
}

} // namespace

void probe(const std::string& text, Facts& facts) {
    ProbeFact probe;
    probe.target = text;
    const auto target = parse_probe_target(text);
    const auto address =
        target ? resolve(target->host) : Result<IpAddress>(fail("invalid target; expected HOST:PORT"));
    if (address) {
        HostFiles host;
        probe.address = to_string(*address);
        probe.netstat_before = host.netstat().value_or("");
        connect_and_send(
            socket_address(&*address, address->family(), target->port), address->family(), facts, probe);
        probe.netstat_after = host.netstat().value_or("");
    } else {
        probe.error = address.error().message;
    }
    if (!probe.connected) {
        facts.skipped.push_back({"probe of " + text, probe.error});
    }
    facts.probe = std::move(probe);
}

} // namespace keeper::gather
