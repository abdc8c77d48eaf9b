// SPDX-License-Identifier: LGPL-2.1-or-later
#include "netlink/codec/link_changes.hpp"

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "netlink/codec/links.hpp"
#include "netlink/codec/nexthops.hpp"

namespace keeper::netlink {

namespace {

using Changes = std::set<LinkChange>;

/// Allocates nothing if the change is in the set already, and the name is as short as IFLA_IFNAME.
void add_name(Ifindex ifindex, const Attribute& name, Changes& changes) {
    changes.insert({.ifindex = ifindex, .name = name.text(), .address = std::nullopt});
}

void add_output(Ifindex ifindex, Changes& changes) {
    changes.insert({.ifindex = ifindex, .name = {}, .address = std::nullopt});
}

bool add_names(const Message& message, Changes& changes) {
    const auto header = read_front<ifinfomsg>(message.payload);
    if (!header || header->ifi_family == AF_BRIDGE) {
        return header.has_value();
    }
    std::optional<Attribute> name;
    Bytes properties;
    bool is_wireless_event = false;
    const bool is_whole =
        for_each_attribute(after(message.payload, sizeof(ifinfomsg)), [&](const Attribute& attribute) {
            if (attribute.type == IFLA_IFNAME) {
                name = attribute;
            } else if (attribute.type == IFLA_PROP_LIST) {
                properties = attribute.payload;
            } else if (attribute.type == IFLA_WIRELESS) {
                is_wireless_event = true;
            }
        });
    if (is_wireless_event) {
        return true;
    }
    const Ifindex ifindex{header->ifi_index};
    if (!is_whole || !name || ifindex.value <= 0) {
        return false;
    }
    add_name(ifindex, *name, changes);
    return for_each_attribute(properties, [&](const Attribute& property) {
        if (property.type == IFLA_ALT_IFNAME) {
            add_name(ifindex, property, changes);
        }
    });
}

bool add_address(const Message& message, Changes& changes) {
    const auto header = read_front<ifaddrmsg>(message.payload);
    if (header && header->ifa_family != AF_INET && header->ifa_family != AF_INET6) {
        return true;
    }
    Message added = message; // a removal has the same form
    added.type = RTM_NEWADDR;
    const auto found = parse_address(added);
    if (found) {
        changes.insert({.ifindex = found->ifindex, .name = {}, .address = found->address.address});
    }
    return found.has_value();
}

/// The attribute if there is one, since the header has only 8 bits for the table.
std::uint32_t table_of(const rtmsg& header, Bytes attributes) {
    std::uint32_t table = header.rtm_table;
    for_each_attribute(attributes, [&](const Attribute& attribute) {
        if (attribute.type == RTA_TABLE) {
            table = attribute.u32().value_or(table);
        }
    });
    return table;
}

bool is_for_this_host(unsigned char route_type) {
    return route_type == RTN_LOCAL || route_type == RTN_BROADCAST || route_type == RTN_ANYCAST ||
           route_type == RTN_MULTICAST;
}

bool add_outputs(const Message& message, Changes& changes) {
    const auto header = read_front<rtmsg>(message.payload);
    if (!header) {
        return false;
    }
    const Bytes attributes = after(message.payload, sizeof(rtmsg));
    const bool is_ip = header->rtm_family == AF_INET || header->rtm_family == AF_INET6;
    const bool is_replacement = message.type == RTM_NEWROUTE && (message.flags & NLM_F_REPLACE) != 0;
    if (!is_ip || header->rtm_dst_len != 0 || (is_for_this_host(header->rtm_type) && !is_replacement) ||
        table_of(*header, attributes) != RT_TABLE_MAIN) {
        return true;
    }
    bool has_output = false;
    bool has_whole_nexthops = true;
    const auto add = [&](Ifindex ifindex) {
        has_output = true;
        add_output(ifindex, changes);
    };
    const bool is_whole = for_each_attribute(attributes, [&](const Attribute& attribute) {
        if (attribute.type == RTA_OIF && attribute.u32()) {
            add(Ifindex{static_cast<std::int32_t>(*attribute.u32())});
        } else if (attribute.type == RTA_MULTIPATH) {
            has_whole_nexthops = for_each_nexthop(
                attribute.payload, [&](Ifindex ifindex, Bytes /*attributes*/) { add(ifindex); });
        }
    });
    if (!has_output || is_replacement) {
        add_output(Ifindex{}, changes);
    }
    return is_whole && has_whole_nexthops;
}

} // namespace

bool add_link_changes(const Message& message, std::set<LinkChange>& changes) {
    switch (message.type) {
    case RTM_NEWLINK:
    case RTM_DELLINK:
        return add_names(message, changes);
    case RTM_NEWADDR:
    case RTM_DELADDR:
        return add_address(message, changes);
    case RTM_NEWROUTE:
    case RTM_DELROUTE:
        return add_outputs(message, changes);
    default:
        return true;
    }
}

bool add_link_changes(Bytes datagram, std::set<LinkChange>& changes) {
    bool is_whole = true;
    while (const auto message = take_message(datagram)) {
        is_whole = add_link_changes(*message, changes) && is_whole;
    }
    return is_whole && datagram.empty();
}

} // namespace keeper::netlink
