#include "netlink/codec/sockets.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <unordered_map>

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/mptcp.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "netlink/codec/uapi.hpp"

namespace keeper::netlink {

namespace {

constexpr std::uint32_t state_bit(std::uint8_t state) {
    return std::uint32_t{1} << state;
}

inet_diag_req_v2 diag_header(Family family, std::uint32_t left_out_states) {
    inet_diag_req_v2 header{};
    header.sdiag_family = family == Family::ipv4 ? AF_INET : AF_INET6;
    header.idiag_states = ~left_out_states;
    return header;
}

/// Family, state, addresses and ports of a diag reply.
std::optional<EndpointKey> key_of(std::uint8_t family, const __be32 (&words)[4], __be16 port) {
    std::array<std::uint8_t, 16> bytes{};
    std::memcpy(bytes.data(), words, bytes.size());
    auto address = IpAddress::from_bytes(bytes.data(), family == AF_INET ? 4 : 16);
    if (address && address->is_v4_mapped()) {
        address = IpAddress::from_bytes(bytes.data() + 12, 4);
    }
    if (!address) {
        return std::nullopt;
    }
    return EndpointKey{*address, ntohs(port)};
}

/// What the ULP says about an MPTCP subflow.
struct UlpFacts {
    std::optional<std::uint32_t> token;
    std::uint32_t flags = 0;
};

UlpFacts read_ulp_facts(Bytes attributes) {
    UlpFacts facts;
    for_each_attribute(attributes, [&](const Attribute& attribute) {
        if (attribute.type == MPTCP_SUBFLOW_ATTR_TOKEN_LOC) {
            facts.token = attribute.u32();
        } else if (attribute.type == MPTCP_SUBFLOW_ATTR_FLAGS) {
            facts.flags = attribute.u32().value_or(0);
        }
    });
    return facts;
}

std::optional<UlpFacts> read_ulp(Bytes attributes) {
    bool is_subflow = false;
    std::optional<UlpFacts> facts;
    for_each_attribute(attributes, [&](const Attribute& attribute) {
        if (attribute.type == INET_ULP_INFO_NAME) {
            is_subflow = attribute.text() == uapi::subflow_ulp_name;
        } else if (attribute.type == INET_ULP_INFO_MPTCP) {
            facts = read_ulp_facts(attribute.payload);
        }
    });
    return is_subflow ? facts : std::nullopt;
}

} // namespace

Request mptcp_sockets_request(Family family) {
    inet_diag_req_v2 header = diag_header(family, state_bit(uapi::tcp_listen));
    // The number 262 does not fit into the header. Where a kernel does not know the attribute, protocol 0 is
    // refused, while the number cut to its low byte would be TCP.
    header.sdiag_protocol = 0;
    header.idiag_ext = 1 << (INET_DIAG_INFO - 1);
    Request request(SOCK_DIAG_BY_FAMILY, NLM_F_DUMP);
    request.header(header);
    request.u32(INET_DIAG_REQ_PROTOCOL, IPPROTO_MPTCP);
    return request;
}

Request tcp_sockets_request(Family family) {
    inet_diag_req_v2 header = diag_header(
        family,
        state_bit(uapi::tcp_listen) | state_bit(uapi::tcp_time_wait) | state_bit(uapi::tcp_new_syn_recv));
    header.sdiag_protocol = IPPROTO_TCP;
    header.idiag_ext = 1 << (INET_DIAG_INFO - 1); // without it the kernel leaves out the ULP too
    Request request(SOCK_DIAG_BY_FAMILY, NLM_F_DUMP);
    request.header(header);
    return request;
}

std::optional<LiveConnection> parse_connection(const Message& message) {
    const auto header = read_front<inet_diag_msg>(message.payload);
    if (message.type != SOCK_DIAG_BY_FAMILY || !header || header->idiag_state == uapi::tcp_listen) {
        return std::nullopt;
    }
    std::optional<LiveConnection> connection;
    for_each_attribute(after(message.payload, sizeof(inet_diag_msg)), [&](const Attribute& attribute) {
        // Kernels make mptcp_info longer and longer: what counts here stood in it from the start.
        constexpr std::size_t known_size = offsetof(mptcp_info, mptcpi_write_seq);
        if (attribute.type == INET_DIAG_INFO && attribute.payload.size() >= known_size) {
            mptcp_info info{};
            std::memcpy(&info, attribute.payload.data(), known_size);
            connection =
                LiveConnection{info.mptcpi_token, (info.mptcpi_flags & MPTCP_INFO_FLAG_FALLBACK) != 0, {}};
        }
    });
    return connection;
}

std::optional<SubflowOfToken> parse_subflow(const Message& message) {
    const auto header = read_front<inet_diag_msg>(message.payload);
    if (message.type != SOCK_DIAG_BY_FAMILY || !header || header->idiag_state == uapi::tcp_listen) {
        return std::nullopt;
    }
    std::optional<UlpFacts> facts;
    for_each_attribute(after(message.payload, sizeof(inet_diag_msg)), [&](const Attribute& attribute) {
        if (attribute.type == INET_DIAG_ULP_INFO) {
            facts = read_ulp(attribute.payload);
        }
    });
    const auto local = key_of(header->idiag_family, header->id.idiag_src, header->id.idiag_sport);
    const auto remote = key_of(header->idiag_family, header->id.idiag_dst, header->id.idiag_dport);
    if (!facts || !facts->token || !local || !remote) {
        return std::nullopt;
    }
    constexpr std::uint32_t join = MPTCP_SUBFLOW_FLAG_JOIN_REM | MPTCP_SUBFLOW_FLAG_JOIN_LOC;
    constexpr std::uint32_t backup = MPTCP_SUBFLOW_FLAG_BKUP_REM | MPTCP_SUBFLOW_FLAG_BKUP_LOC;
    SubflowOfToken result{*facts->token, {*local, *remote}};
    result.subflow.established = header->idiag_state == uapi::tcp_established &&
                                 (facts->flags & MPTCP_SUBFLOW_FLAG_FULLY_ESTABLISHED) != 0;
    result.subflow.join = (facts->flags & join) != 0;
    result.subflow.backup = (facts->flags & backup) != 0;
    return result;
}

void join_subflows(std::vector<LiveConnection>& connections, const std::vector<SubflowOfToken>& subflows) {
    std::unordered_map<std::uint32_t, LiveConnection*> by_token;
    by_token.reserve(connections.size());
    for (LiveConnection& connection : connections) {
        by_token.emplace(connection.token, &connection);
    }
    for (const SubflowOfToken& subflow : subflows) {
        if (const auto found = by_token.find(subflow.token); found != by_token.end()) {
            found->second->subflows.push_back(subflow.subflow);
        }
    }
}

} // namespace keeper::netlink
