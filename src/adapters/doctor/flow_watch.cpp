// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/doctor/flow_watch.hpp"

#include <array>
#include <cerrno>

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "adapters/files/files.hpp"

namespace keeper {

namespace {

using Packet = std::span<const std::uint8_t>;

constexpr std::uint8_t option_mptcp = 30;
constexpr std::size_t wiped_option = 10; ///< aligning an option needs at most three NOPs

std::uint16_t u16(Packet bytes, std::size_t at) {
    return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

/// The packet from its TCP header on; empty if it has none.
Packet transport(Packet packet) {
    if (packet.size() >= 20 && packet[0] >> 4 == 4) {
        const std::size_t size = static_cast<std::size_t>(packet[0] & 0xf) * 4;
        const bool is_fragment = (u16(packet, 6) & 0x3fff) != 0;
        return packet[9] == IPPROTO_TCP && !is_fragment && packet.size() >= size ? packet.subspan(size)
                                                                                 : Packet{};
    }
    return packet.size() >= 40 && packet[0] >> 4 == 6 && packet[6] == IPPROTO_TCP ? packet.subspan(40)
                                                                                  : Packet{};
}

void read_options(Packet options, Segment& segment) {
    std::size_t padding = 0;
    while (!options.empty() && options[0] != 0) {
        if (options[0] == 1) {
            segment.padded = segment.padded || ++padding >= wiped_option;
            options = options.subspan(1);
            continue;
        }
        padding = 0;
        if (options.size() < 2 || options[1] < 2 || options[1] > options.size()) {
            return;
        }
        segment.mp_capable =
            segment.mp_capable || (options[0] == option_mptcp && options[1] >= 3 && options[2] >> 4 == 0);
        options = options.subspan(options[1]);
    }
}

/// Passes the packets of that port only, so that the other packets of a busy host cost nothing. They begin
/// with the IP header: 4 * n bytes for IPv4, 40 for IPv6.
bool attach_filter(int socket, std::uint16_t port) {
    std::array<sock_filter, 14> program{{
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xf0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x40, 0, 5),
        BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
        BPF_STMT(BPF_LD | BPF_H | BPF_IND, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, port, 6, 0),
        BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, port, 4, 5),
        BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 40),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, port, 2, 0),
        BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 42),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, port, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 65535),
        BPF_STMT(BPF_RET | BPF_K, 0),
    }};
    const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
    return setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)) == 0;
}

} // namespace

std::optional<Segment> parse_segment(Packet packet) {
    const Packet tcp = transport(packet);
    if (tcp.size() < 20) {
        return std::nullopt;
    }
    const std::size_t size = static_cast<std::size_t>(tcp[12] >> 4) * 4;
    if (size < 20 || size > tcp.size()) {
        return std::nullopt;
    }
    Segment segment;
    segment.source_port = u16(tcp, 0);
    segment.destination_port = u16(tcp, 2);
    segment.syn = (tcp[13] & 0x02) != 0;
    segment.ack = (tcp[13] & 0x10) != 0;
    read_options(tcp.subspan(20, size - 20), segment);
    return segment;
}

Result<FlowWatch> FlowWatch::create(std::uint16_t local_port) {
    // No protocol yet: no packet arrives before the filter is in place.
    UniqueFd socket(::socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket || !attach_filter(socket.get(), local_port)) {
        return fail(system_error("cannot capture the probe's packets", errno));
    }
    sockaddr_ll any{};
    any.sll_family = AF_PACKET;
    any.sll_protocol = htons(ETH_P_ALL);
    if (bind(socket.get(), reinterpret_cast<const sockaddr*>(&any), sizeof(any)) != 0) {
        return fail(system_error("cannot capture the probe's packets", errno));
    }
    return FlowWatch(std::move(socket), local_port);
}

void FlowWatch::collect(ProbeFact& probe) {
    std::array<std::uint8_t, 256> buffer{}; // headers are enough
    sockaddr_ll from{};
    socklen_t length = sizeof(from);
    ssize_t size = 0;
    while (
        (size = recvfrom(
             socket_.get(), buffer.data(), buffer.size(), 0, reinterpret_cast<sockaddr*>(&from), &length)) >
        0) {
        const auto segment = parse_segment(Packet(buffer.data(), static_cast<std::size_t>(size)));
        const bool leaves = from.sll_pkttype == PACKET_OUTGOING;
        if (segment && segment->syn && !segment->ack && leaves && segment->source_port == port_) {
            ++(segment->mp_capable ? probe.syn_with_option : probe.syn_without_option);
        } else if (segment && segment->syn && segment->ack && !leaves && segment->destination_port == port_) {
            probe.synack_seen = true;
            probe.synack_with_option = probe.synack_with_option || segment->mp_capable;
            probe.synack_padded = probe.synack_padded || segment->padded;
        }
        length = sizeof(from);
    }
}

} // namespace keeper
