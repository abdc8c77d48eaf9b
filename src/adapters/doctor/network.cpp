// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fstream>
#include <set>
#include <utility>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <linux/netlink.h>

#include "adapters/doctor/gatherers.hpp"
#include "adapters/files/directory.hpp"
#include "adapters/kernel/diag_listeners.hpp"
#include "adapters/kernel/dump_both_families.hpp"
#include "netlink/codec/links.hpp"
#include "netlink/codec/routes.hpp"
#include "netlink/codec/sockets.hpp"
#include "netlink/netlink_socket.hpp"

namespace keeper::gather {

namespace {

/// An address far away from any host: of a root name server (a.root-servers.net). Nothing is sent there; it
/// serves for route lookups only.
IpAddress remote_address(Family family) {
    return *IpAddress::parse(family == Family::ipv4 ? "198.41.0.4" : "2001:503:ba3e::2:30");
}

IpAddress address_of(const sockaddr& socket_address) {
    const auto* bytes = socket_address.sa_family == AF_INET
                            ? reinterpret_cast<const std::uint8_t*>(
                                  &reinterpret_cast<const sockaddr_in&>(socket_address).sin_addr)
                            : reinterpret_cast<const std::uint8_t*>(
                                  &reinterpret_cast<const sockaddr_in6&>(socket_address).sin6_addr);
    return *IpAddress::from_bytes(bytes, socket_address.sa_family == AF_INET ? 4 : 16);
}

bool is_ip(const sockaddr* address) {
    return address != nullptr && (address->sa_family == AF_INET || address->sa_family == AF_INET6);
}

/// "192.0.2.0/24" from an address and its mask.
std::string subnet_text(const IpAddress& address, const IpAddress& mask) {
    const std::size_t size = address.family() == Family::ipv4 ? 4 : 16;
    std::array<std::uint8_t, 16> bytes{};
    int length = 0;
    for (std::size_t i = 0; i < size; ++i) {
        bytes[i] = static_cast<std::uint8_t>(address.bytes()[i] & mask.bytes()[i]);
        length += __builtin_popcount(mask.bytes()[i]);
    }
    return to_string(*IpAddress::from_bytes(bytes.data(), size)) + "/" + std::to_string(length);
}

/// Why the kernel has no route to `destination`; "" if it has one.
std::string refusal_of_route(
    netlink::NetlinkSocket& socket, const IpAddress& destination, const IpAddress& source, Ifindex output) {
    const auto found =
        socket.query(netlink::route_lookup(destination, source, output), netlink::parse_route_output);
    if (!found) {
        return netlink::to_string(found.error());
    }
    return found->value == 0 ? "the route has no output interface" : "";
}

/// The interfaces of all routes with a gateway, in any table.
std::set<std::pair<Family, Ifindex>> gateway_interfaces(netlink::NetlinkSocket& socket) {
    std::set<std::pair<Family, Ifindex>> interfaces;
    const auto routes = socket.dump(netlink::routes_request(), netlink::parse_gateway_route);
    if (routes) {
        for (const netlink::GatewayRoute& route : *routes) {
            for (const Ifindex ifindex : route.interfaces) {
                interfaces.emplace(route.family, ifindex);
            }
        }
    }
    return interfaces;
}

/// A server may have thousands of peers; this many are a sufficient sample of its routes.
constexpr std::size_t max_peers = 32;

std::set<IpAddress> live_peers(const ObservedState& host) {
    std::set<IpAddress> peers;
    for (const Connection& connection : host.connections.or_empty()) {
        for (const ConnectionSubflow& subflow : connection.subflows) {
            if (peers.size() < max_peers && !connection.fallback && !subflow.remote.address.is_loopback()) {
                peers.insert(subflow.remote.address);
            }
        }
    }
    return peers;
}

} // namespace

void rp_filters(Facts& facts) {
    const std::string folder = "/proc/sys/net/ipv4/conf/";
    for (const std::string& interface : list_directory(folder).names) {
        const auto read = [&](const char* name, std::map<std::string, int>& values) {
            std::ifstream file(folder + interface + "/" + name);
            int value = 0;
            if (file >> value) {
                values[interface] = value;
            }
        };
        read("rp_filter", facts.rp_filter);
        read("arp_ignore", facts.arp_ignore);
        read("arp_announce", facts.arp_announce);
    }
    if (facts.rp_filter.empty()) {
        facts.skipped.push_back({"rp_filter", "cannot read /proc/sys/net/ipv4/conf/*/rp_filter"});
    }
}

void subnets(Facts& facts) {
    ifaddrs* first = nullptr;
    if (getifaddrs(&first) != 0) {
        facts.skipped.push_back({"shared subnets", "cannot read the addresses' prefix lengths"});
        return;
    }
    const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owner(first, freeifaddrs);
    for (const ifaddrs* one = first; one != nullptr; one = one->ifa_next) {
        if (is_ip(one->ifa_addr) && is_ip(one->ifa_netmask)) {
            const IpAddress address = address_of(*one->ifa_addr);
            facts.subnets[address] = subnet_text(address, address_of(*one->ifa_netmask));
        }
    }
}

void routes(Facts& facts) {
    netlink::NetlinkSocket socket(NETLINK_ROUTE);
    const auto has_remote_route = [&](Family family) {
        const auto output =
            socket.query(netlink::route_lookup(remote_address(family), {}, {}), netlink::parse_route_output);
        return output && output->value != 0;
    };
    facts.default_route_v4 = has_remote_route(Family::ipv4);
    facts.default_route_v6 = has_remote_route(Family::ipv6);
    for (const Endpoint& endpoint : facts.host.endpoints.or_empty()) {
        if (endpoint.is_implicit()) {
            continue;
        }
        const auto output = socket.query(
            netlink::route_lookup(
                remote_address(endpoint.key.address.family()), endpoint.key.address, endpoint.ifindex),
            netlink::parse_route_output);
        RouteFact fact{endpoint.key, output && output->value != 0, {}, ""};
        if (fact.found) {
            fact.output = *output;
        } else {
            fact.refusal = output ? "the route has no output interface" : netlink::to_string(output.error());
        }
        facts.routes.push_back(std::move(fact));
    }
}

void peer_routes(Facts& facts) {
    netlink::NetlinkSocket socket(NETLINK_ROUTE);
    const std::set<IpAddress> peers = live_peers(facts.host);
    for (const Endpoint& endpoint : facts.host.endpoints.or_empty()) {
        for (const IpAddress& peer : peers) {
            if (endpoint.is_implicit() || peer.family() != endpoint.key.address.family()) {
                continue;
            }
            PeerRoute route;
            route.endpoint = endpoint.key;
            route.peer = peer;
            route.refusal = refusal_of_route(socket, peer, endpoint.key.address, endpoint.ifindex);
            route.found = route.refusal.empty();
            facts.peer_routes.push_back(std::move(route));
        }
    }
}

void off_link(Facts& facts) {
    netlink::NetlinkSocket socket(NETLINK_ROUTE);
    const auto gateways = gateway_interfaces(socket);
    for (const Link& link : facts.host.links.or_empty()) {
        for (const LinkAddress& one : link.addresses) {
            const Family family = one.address.family();
            if (gateways.contains({family, link.ifindex}) ||
                refusal_of_route(socket, remote_address(family), one.address, link.ifindex).empty()) {
                facts.off_link.insert(one.address);
            }
        }
    }
}

void link_drivers(Facts& facts) {
    netlink::NetlinkSocket socket(NETLINK_ROUTE);
    const auto links = socket.dump(netlink::links_request(), netlink::parse_link_kind);
    if (!links) {
        facts.skipped.push_back(
            {"bridges and tunnels", "cannot read the interface types: " + netlink::to_string(links.error())});
        return;
    }
    for (const netlink::LinkKindInfo& link : *links) {
        facts.link_drivers[link.ifindex] = {link.kind, link.lower};
    }
}

void subflow_sides(Facts& facts) {
    if (facts.host.connections.or_empty().empty()) {
        return;
    }
    netlink::NetlinkSocket socket(NETLINK_SOCK_DIAG);
    const auto subflows =
        dump_both_families(socket, netlink::tcp_sockets_request, netlink::parse_subflow_sides);
    if (!subflows) {
        facts.skipped.push_back({"connection directions", netlink::to_string(subflows.error())});
        return;
    }
    for (const netlink::SidedSubflow& one : *subflows) {
        facts.subflow_sides[{one.local, one.remote}] = {one.opened_here, one.backup_here, one.backup_there};
    }
}

void tcp_timestamps(Facts& facts) {
    std::ifstream file("/proc/sys/net/ipv4/tcp_timestamps");
    int value = 1;
    facts.tcp_timestamps = !(file >> value) || value != 0;
}

void listeners(Facts& facts) {
    auto found = list_listeners();
    if (found) {
        facts.listeners = std::move(*found);
    } else {
        facts.skipped.push_back({"listening sockets", found.error().message});
    }
}

} // namespace keeper::gather
