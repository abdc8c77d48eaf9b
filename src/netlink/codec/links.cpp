// SPDX-License-Identifier: LGPL-2.1-or-later
#include "netlink/codec/links.hpp"

#include <algorithm>

#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "netlink/codec/nexthops.hpp"

namespace keeper::netlink {

namespace {

template <class Header>
Request dump_request(std::uint16_t type, const Header& header) {
    Request request(type, NLM_F_DUMP);
    request.header(header);
    return request;
}

bool is_ip(std::uint8_t family) {
    return family == AF_INET || family == AF_INET6;
}

bool has_gateway(Bytes attributes) {
    bool found = false;
    for_each_attribute(attributes, [&](const Attribute& attribute) {
        found = found || attribute.type == RTA_GATEWAY || attribute.type == RTA_VIA;
    });
    return found;
}

/// The driver's name for this kind of interface, from IFLA_LINKINFO.
std::string kind_in(Bytes link_info) {
    std::string kind;
    for_each_attribute(link_info, [&](const Attribute& attribute) {
        if (attribute.type == IFLA_INFO_KIND) {
            kind = attribute.text();
        }
    });
    return kind;
}

} // namespace

Request links_request() {
    Request request = dump_request(RTM_GETLINK, ifinfomsg{});
    // Without counters a reply is half as long.
    request.u32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
    return request;
}

Request addresses_request() {
    return dump_request(RTM_GETADDR, ifaddrmsg{});
}

Request routes_request() {
    return dump_request(RTM_GETROUTE, rtmsg{});
}

std::optional<Link> parse_link(const Message& message) {
    const auto header = read_front<ifinfomsg>(message.payload);
    if (message.type != RTM_NEWLINK || !header) {
        return std::nullopt;
    }
    Link link;
    link.ifindex = Ifindex{header->ifi_index};
    link.up = (header->ifi_flags & IFF_UP) != 0;
    link.carrier = (header->ifi_flags & IFF_LOWER_UP) != 0;
    for_each_attribute(after(message.payload, sizeof(ifinfomsg)), [&](const Attribute& attribute) {
        if (attribute.type == IFLA_IFNAME) {
            link.name = attribute.text();
        } else if (attribute.type == IFLA_PROP_LIST) {
            for_each_attribute(attribute.payload, [&](const Attribute& property) {
                if (property.type == IFLA_ALT_IFNAME) {
                    link.alternative_names.push_back(property.text());
                }
            });
        }
    });
    if (link.name.empty() || link.ifindex.value <= 0) {
        return std::nullopt;
    }
    return link;
}

std::optional<InterfaceAddress> parse_address(const Message& message) {
    const auto header = read_front<ifaddrmsg>(message.payload);
    if (message.type != RTM_NEWADDR || !header || !is_ip(header->ifa_family)) {
        return std::nullopt;
    }
    Bytes local;
    Bytes address;
    std::uint32_t flags = header->ifa_flags;
    for_each_attribute(after(message.payload, sizeof(ifaddrmsg)), [&](const Attribute& attribute) {
        if (attribute.type == IFA_LOCAL) {
            local = attribute.payload;
        } else if (attribute.type == IFA_ADDRESS) {
            address = attribute.payload; // the peer's if there is an IFA_LOCAL too
        } else if (attribute.type == IFA_FLAGS) {
            flags = attribute.u32().value_or(flags);
        }
    });
    const Bytes bytes = local.empty() ? address : local;
    const bool is_ipv6 = header->ifa_family == AF_INET6;
    if (bytes.size() != (is_ipv6 ? 16U : 4U)) {
        return std::nullopt;
    }
    LinkAddress result;
    result.address = *IpAddress::from_bytes(bytes.data(), bytes.size());
    result.scope = header->ifa_scope;
    // RFC 4429: an optimistic address may be used while its detection runs.
    result.tentative = (flags & IFA_F_TENTATIVE) != 0 && (flags & IFA_F_OPTIMISTIC) == 0;
    result.dad_failed = (flags & IFA_F_DADFAILED) != 0;
    result.temporary = is_ipv6 && (flags & IFA_F_TEMPORARY) != 0; // the bit means "secondary" for IPv4
    result.dynamic = (flags & IFA_F_PERMANENT) == 0;
    result.no_prefix_route = (flags & IFA_F_NOPREFIXROUTE) != 0;
    return InterfaceAddress{Ifindex{static_cast<std::int32_t>(header->ifa_index)}, result};
}

std::optional<DefaultRoute> parse_default_route(const Message& message) {
    const auto header = read_front<rtmsg>(message.payload);
    if (message.type != RTM_NEWROUTE || !header || !is_ip(header->rtm_family) || header->rtm_dst_len != 0 ||
        header->rtm_type != RTN_UNICAST) {
        return std::nullopt;
    }
    DefaultRoute route;
    route.family = header->rtm_family == AF_INET ? Family::ipv4 : Family::ipv6;
    std::uint32_t table = header->rtm_table;
    for_each_attribute(after(message.payload, sizeof(rtmsg)), [&](const Attribute& attribute) {
        if (attribute.type == RTA_TABLE) {
            table = attribute.u32().value_or(table);
        } else if (attribute.type == RTA_OIF && attribute.u32()) {
            route.interfaces.push_back(Ifindex{static_cast<std::int32_t>(*attribute.u32())});
        } else if (attribute.type == RTA_MULTIPATH) {
            for_each_nexthop(attribute.payload, [&](Ifindex interface, Bytes /*attributes*/) {
                route.interfaces.push_back(interface);
            });
        }
    });
    // Only those that NetworkManager counts, see Link::default_route_v4.
    if (table != RT_TABLE_MAIN || header->rtm_protocol == RTPROT_BOOT || route.interfaces.empty()) {
        return std::nullopt;
    }
    return route;
}

std::optional<GatewayRoute> parse_gateway_route(const Message& message) {
    const auto header = read_front<rtmsg>(message.payload);
    if (message.type != RTM_NEWROUTE || !header || !is_ip(header->rtm_family) ||
        header->rtm_type != RTN_UNICAST) {
        return std::nullopt;
    }
    GatewayRoute route;
    route.family = header->rtm_family == AF_INET ? Family::ipv4 : Family::ipv6;
    const Bytes attributes = after(message.payload, sizeof(rtmsg));
    const bool is_by_gateway = has_gateway(attributes);
    for_each_attribute(attributes, [&](const Attribute& attribute) {
        if (attribute.type == RTA_OIF && is_by_gateway && attribute.u32()) {
            route.interfaces.push_back(Ifindex{static_cast<std::int32_t>(*attribute.u32())});
        } else if (attribute.type == RTA_MULTIPATH) {
            for_each_nexthop(attribute.payload, [&](Ifindex interface, Bytes nexthop) {
                if (has_gateway(nexthop)) {
                    route.interfaces.push_back(interface);
                }
            });
        }
    });
    return route.interfaces.empty() ? std::nullopt : std::optional(route);
}

std::optional<LinkKindInfo> parse_link_kind(const Message& message) {
    const auto header = read_front<ifinfomsg>(message.payload);
    if (message.type != RTM_NEWLINK || !header) {
        return std::nullopt;
    }
    LinkKindInfo info;
    info.ifindex = Ifindex{header->ifi_index};
    bool is_lower_elsewhere = false; // the index is then one of another network namespace
    for_each_attribute(after(message.payload, sizeof(ifinfomsg)), [&](const Attribute& attribute) {
        if (attribute.type == IFLA_LINKINFO) {
            info.kind = kind_in(attribute.payload);
        } else if (attribute.type == IFLA_LINK) {
            info.lower = Ifindex{static_cast<std::int32_t>(attribute.u32().value_or(0))};
        } else if (attribute.type == IFLA_LINK_NETNSID) {
            is_lower_elsewhere = true;
        }
    });
    if (is_lower_elsewhere || info.lower == info.ifindex) {
        info.lower = Ifindex{};
    }
    return info;
}

std::vector<Link> assemble_links(
    std::vector<Link> links,
    const std::vector<InterfaceAddress>& addresses,
    const std::vector<DefaultRoute>& routes) {
    std::sort(links.begin(), links.end(), [](const Link& a, const Link& b) { return a.ifindex < b.ifindex; });
    const auto with_link = [&](Ifindex ifindex, auto change) {
        const auto found =
            std::lower_bound(links.begin(), links.end(), ifindex, [](const Link& link, Ifindex wanted) {
                return link.ifindex < wanted;
            });
        if (found != links.end() && found->ifindex == ifindex) {
            change(*found);
        }
    };
    for (const InterfaceAddress& item : addresses) {
        with_link(item.ifindex, [&](Link& link) { link.addresses.push_back(item.address); });
    }
    for (const DefaultRoute& route : routes) {
        for (const Ifindex ifindex : route.interfaces) {
            with_link(ifindex, [&](Link& link) {
                (route.family == Family::ipv4 ? link.default_route_v4 : link.default_route_v6) = true;
            });
        }
    }
    return links;
}

} // namespace keeper::netlink
