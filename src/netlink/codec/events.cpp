// SPDX-License-Identifier: LGPL-2.1-or-later
#include "netlink/codec/events.hpp"

#include <arpa/inet.h>
#include <linux/genetlink.h>
#include <linux/mptcp.h>

namespace keeper::netlink {

namespace {

std::optional<IpAddress> address_of(const Attribute& attribute, std::size_t length) {
    return attribute.payload.size() == length ? IpAddress::from_bytes(attribute.payload.data(), length)
                                              : std::nullopt;
}

/// Ports are in network order here, unlike those of endpoints.
std::optional<std::uint16_t> port_of(const Attribute& attribute) {
    const auto port = attribute.u16();
    return port ? std::optional(ntohs(*port)) : std::nullopt;
}

void read_address(MptcpEvent& event, const Attribute& attribute) {
    switch (attribute.type) {
    case MPTCP_ATTR_SADDR4:
        event.local = address_of(attribute, 4);
        break;
    case MPTCP_ATTR_SADDR6:
        event.local = address_of(attribute, 16);
        break;
    case MPTCP_ATTR_DADDR4:
        event.remote = address_of(attribute, 4);
        break;
    case MPTCP_ATTR_DADDR6:
        event.remote = address_of(attribute, 16);
        break;
    case MPTCP_ATTR_SPORT:
        event.local_port = port_of(attribute);
        break;
    case MPTCP_ATTR_DPORT:
        event.remote_port = port_of(attribute);
        break;
    default:
        break;
    }
}

void read_field(MptcpEvent& event, const Attribute& attribute) {
    switch (attribute.type) {
    case MPTCP_ATTR_TOKEN:
        event.token = attribute.u32();
        break;
    case MPTCP_ATTR_LOC_ID:
        event.local_id = attribute.u8();
        break;
    case MPTCP_ATTR_REM_ID:
        event.remote_id = attribute.u8();
        break;
    case MPTCP_ATTR_BACKUP:
        event.backup = attribute.u8();
        break;
    case MPTCP_ATTR_ERROR:
        event.error = attribute.u8();
        break;
    case MPTCP_ATTR_FLAGS:
        event.flags = attribute.u16();
        break;
    case MPTCP_ATTR_TIMEOUT:
        event.timeout = attribute.u32();
        break;
    case MPTCP_ATTR_IF_IDX:
        event.ifindex = read_front<std::int32_t>(attribute.payload);
        break;
    case MPTCP_ATTR_RESET_REASON:
        event.reset_reason = attribute.u32();
        break;
    case MPTCP_ATTR_RESET_FLAGS:
        event.reset_flags = attribute.u32();
        break;
    case MPTCP_ATTR_SERVER_SIDE:
        event.server_side = attribute.u8();
        break;
    default: // addresses, and attributes of newer kernels
        read_address(event, attribute);
        break;
    }
}

/// The number of the multicast group if it is that of events.
std::optional<std::uint32_t> event_group_of(Bytes group) {
    bool is_it = false;
    std::optional<std::uint32_t> number;
    for_each_attribute(group, [&](const Attribute& attribute) {
        if (attribute.type == CTRL_ATTR_MCAST_GRP_NAME) {
            is_it = attribute.text() == MPTCP_PM_EV_GRP_NAME;
        } else if (attribute.type == CTRL_ATTR_MCAST_GRP_ID) {
            number = attribute.u32();
        }
    });
    return is_it ? number : std::nullopt;
}

} // namespace

std::optional<std::uint32_t> parse_event_group(const Message& message) {
    std::optional<std::uint32_t> found;
    for_each_attribute(after(message.payload, sizeof(genlmsghdr)), [&](const Attribute& attribute) {
        if (attribute.type == CTRL_ATTR_MCAST_GROUPS) {
            for_each_attribute(attribute.payload, [&](const Attribute& group) {
                if (const auto number = event_group_of(group.payload)) {
                    found = number;
                }
            });
        }
    });
    return found;
}

std::optional<MptcpEvent> parse_event(const Message& message) {
    const auto header = read_front<genlmsghdr>(message.payload);
    if (!header) {
        return std::nullopt;
    }
    MptcpEvent event;
    event.kind = static_cast<MptcpEventKind>(header->cmd);
    for_each_attribute(after(message.payload, sizeof(genlmsghdr)), [&](const Attribute& attribute) {
        read_field(event, attribute);
    });
    return event;
}

} // namespace keeper::netlink
