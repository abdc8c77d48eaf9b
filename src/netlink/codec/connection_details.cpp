#include "netlink/codec/connection_details.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <tuple>
#include <unordered_map>
#include <utility>

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/mptcp.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>

#include "netlink/codec/uapi.hpp"

namespace keeper::netlink {

namespace {

std::optional<EndpointKey> key_of(std::uint8_t family, const __be32 (&words)[4], __be16 port) {
    std::array<std::uint8_t, 16> bytes{};
    std::memcpy(bytes.data(), words, bytes.size());
    auto address = IpAddress::from_bytes(bytes.data(), family == AF_INET ? 4 : 16);
    if (address && address->is_v4_mapped()) {
        address = IpAddress::from_bytes(bytes.data() + 12, 4);
    }
    return address ? std::optional(EndpointKey{*address, ntohs(port)}) : std::nullopt;
}

/// A structure that kernels make longer and longer, as far as this one fills it; the rest is 0.
template <class T>
T read_as_far_as_it_goes(Bytes bytes) {
    T value{};
    std::memcpy(&value, bytes.data(), std::min(bytes.size(), sizeof(T)));
    return value;
}

/// What the ULP says about an MPTCP subflow.
struct UlpFacts {
    std::uint32_t token = 0;
    std::uint32_t flags = 0;
    std::uint8_t local_id = 0;
    std::uint8_t remote_id = 0;
};

UlpFacts read_ulp_facts(Bytes attributes) {
    UlpFacts facts;
    for_each_attribute(attributes, [&](const Attribute& attribute) {
        switch (attribute.type) {
        case MPTCP_SUBFLOW_ATTR_TOKEN_LOC:
            facts.token = attribute.u32().value_or(0);
            break;
        case MPTCP_SUBFLOW_ATTR_FLAGS:
            facts.flags = attribute.u32().value_or(0);
            break;
        case MPTCP_SUBFLOW_ATTR_ID_LOC:
            facts.local_id = attribute.u8().value_or(0);
            break;
        case MPTCP_SUBFLOW_ATTR_ID_REM:
            facts.remote_id = attribute.u8().value_or(0);
            break;
        default:
            break;
        }
    });
    return facts;
}

/// Nothing where the ULP is another one.
std::optional<UlpFacts> read_ulp(Bytes attributes) {
    bool is_subflow = false;
    UlpFacts facts;
    for_each_attribute(attributes, [&](const Attribute& attribute) {
        if (attribute.type == INET_ULP_INFO_NAME) {
            is_subflow = attribute.text() == uapi::subflow_ulp_name;
        } else if (attribute.type == INET_ULP_INFO_MPTCP) {
            facts = read_ulp_facts(attribute.payload);
        }
    });
    return is_subflow ? std::optional(facts) : std::nullopt;
}

void apply_ulp(OwnedSubflow& owned, const UlpFacts& facts) {
    constexpr std::uint32_t join = MPTCP_SUBFLOW_FLAG_JOIN_REM | MPTCP_SUBFLOW_FLAG_JOIN_LOC;
    constexpr std::uint32_t backup = MPTCP_SUBFLOW_FLAG_BKUP_REM | MPTCP_SUBFLOW_FLAG_BKUP_LOC;
    owned.token = facts.token;
    owned.subflow.join = (facts.flags & join) != 0;
    owned.subflow.backup = (facts.flags & backup) != 0;
    owned.subflow.local_id = facts.local_id;
    owned.subflow.remote_id = facts.remote_id;
}

void apply_tcp_info(ConnectionSubflow& subflow, Bytes bytes) {
    const auto info = read_as_far_as_it_goes<tcp_info>(bytes);
    subflow.rtt_us = info.tcpi_rtt;
    subflow.bytes_sent = info.tcpi_bytes_sent;
    subflow.bytes_received = info.tcpi_bytes_received;
}

using Path = std::pair<EndpointKey, EndpointKey>;

/// Ways from a subflow to its connection's place in the list.
struct Index {
    std::unordered_map<std::uint32_t, std::size_t> by_token;
    std::unordered_map<std::uint64_t, std::size_t> by_inode;
    std::map<Path, std::size_t> fallbacks;

    explicit Index(const std::vector<Connection>& connections) {
        by_token.reserve(connections.size());
        by_inode.reserve(connections.size());
        for (std::size_t i = 0; i < connections.size(); ++i) {
            const Connection& connection = connections[i];
            if (connection.token != 0) {
                by_token.emplace(connection.token, i);
            }
            if (connection.inode != 0) {
                by_inode.emplace(connection.inode, i);
            }
            if (connection.fallback) {
                fallbacks.emplace(Path{connection.local, connection.remote}, i);
            }
        }
    }

    [[nodiscard]] std::optional<std::size_t> find(const OwnedSubflow& owned) const {
        if (const auto found = by_token.find(owned.token); found != by_token.end()) {
            return found->second;
        }
        if (const auto found = by_inode.find(owned.inode); found != by_inode.end()) {
            return found->second;
        }
        const auto found = fallbacks.find(Path{owned.subflow.local, owned.subflow.remote});
        return found != fallbacks.end() ? std::optional(found->second) : std::nullopt;
    }
};

} // namespace

std::optional<Connection> parse_connection_detail(const Message& message) {
    const auto header = read_front<inet_diag_msg>(message.payload);
    if (message.type != SOCK_DIAG_BY_FAMILY || !header || header->idiag_state == uapi::tcp_listen) {
        return std::nullopt;
    }
    const auto local = key_of(header->idiag_family, header->id.idiag_src, header->id.idiag_sport);
    const auto remote = key_of(header->idiag_family, header->id.idiag_dst, header->id.idiag_dport);
    std::optional<Connection> connection;
    for_each_attribute(after(message.payload, sizeof(inet_diag_msg)), [&](const Attribute& attribute) {
        constexpr std::size_t needed = offsetof(mptcp_info, mptcpi_write_seq);
        if (attribute.type == INET_DIAG_INFO && attribute.payload.size() >= needed && local && remote) {
            const auto info = read_as_far_as_it_goes<mptcp_info>(attribute.payload);
            connection = Connection{
                info.mptcpi_token,
                *local,
                *remote,
                static_cast<SocketState>(header->idiag_state),
                (info.mptcpi_flags & MPTCP_INFO_FLAG_FALLBACK) != 0,
                header->idiag_inode,
                {}};
        }
    });
    return connection;
}

std::optional<OwnedSubflow> parse_subflow_detail(const Message& message) {
    const auto header = read_front<inet_diag_msg>(message.payload);
    if (message.type != SOCK_DIAG_BY_FAMILY || !header || header->idiag_state == uapi::tcp_listen) {
        return std::nullopt;
    }
    const auto local = key_of(header->idiag_family, header->id.idiag_src, header->id.idiag_sport);
    const auto remote = key_of(header->idiag_family, header->id.idiag_dst, header->id.idiag_dport);
    if (!local || !remote) {
        return std::nullopt;
    }
    OwnedSubflow owned;
    owned.inode = header->idiag_inode;
    owned.subflow.local = *local;
    owned.subflow.remote = *remote;
    owned.subflow.ifindex = Ifindex{static_cast<std::int32_t>(header->id.idiag_if)};
    owned.subflow.state = static_cast<SocketState>(header->idiag_state);
    bool is_subflow = false;
    for_each_attribute(after(message.payload, sizeof(inet_diag_msg)), [&](const Attribute& attribute) {
        if (attribute.type == INET_DIAG_INFO) {
            apply_tcp_info(owned.subflow, attribute.payload);
        } else if (attribute.type == INET_DIAG_ULP_INFO) {
            const auto facts = read_ulp(attribute.payload);
            is_subflow = facts.has_value();
            apply_ulp(owned, facts.value_or(UlpFacts{}));
        }
    });
    return is_subflow ? std::optional(owned) : std::nullopt;
}

void join_subflow_details(std::vector<Connection>& connections, const std::vector<OwnedSubflow>& subflows) {
    const Index index(connections);
    for (const OwnedSubflow& owned : subflows) {
        if (const auto place = index.find(owned)) {
            connections[*place].subflows.push_back(owned.subflow);
        }
    }
    for (Connection& connection : connections) {
        auto& list = connection.subflows;
        std::sort(list.begin(), list.end(), [](const ConnectionSubflow& a, const ConnectionSubflow& b) {
            return std::tie(a.join, a.local, a.remote) < std::tie(b.join, b.local, b.remote);
        });
    }
}

} // namespace keeper::netlink
