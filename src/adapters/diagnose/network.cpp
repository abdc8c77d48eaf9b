#include <filesystem>
#include <fstream>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <linux/netlink.h>

#include "adapters/diagnose/gatherers.hpp"
#include "adapters/kernel/diag_listeners.hpp"
#include "netlink/codec/routes.hpp"
#include "netlink/netlink_socket.hpp"

namespace keeper::gather {

namespace {

namespace fs = std::filesystem;

/// Far away from every host: addresses of a root name server (a.root-servers.net). Nothing is sent there,
/// the kernel is only asked which route it would take.
IpAddress far_address(Family family) {
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

/// "192.0.2.0/24" of an address and its mask.
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

} // namespace

void rp_filters(Facts& facts) {
    std::error_code error;
    for (fs::directory_iterator entry("/proc/sys/net/ipv4/conf", error), end; !error && entry != end;
         entry.increment(error)) {
        const auto read = [&](const char* name, std::map<std::string, int>& values) {
            std::ifstream file(entry->path() / name);
            int value = 0;
            if (file >> value) {
                values[entry->path().filename()] = value;
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
        facts.skipped.push_back({"shared subnets", "the addresses' prefix lengths cannot be read"});
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
    const auto leads_far = [&](Family family) {
        const auto output =
            socket.query(netlink::route_lookup(far_address(family), {}, {}), netlink::parse_route_output);
        return output && output->value != 0;
    };
    facts.default_route_v4 = leads_far(Family::ipv4);
    facts.default_route_v6 = leads_far(Family::ipv6);
    for (const Endpoint& endpoint : facts.host.endpoints) {
        if (endpoint.is_implicit()) {
            continue;
        }
        const auto output = socket.query(
            netlink::route_lookup(
                far_address(endpoint.key.address.family()), endpoint.key.address, endpoint.ifindex),
            netlink::parse_route_output);
        RouteFact fact{endpoint.key, output && output->value != 0, {}, ""};
        if (fact.found) {
            fact.output = *output;
        } else {
            fact.words = output ? "the route leads nowhere" : netlink::to_string(output.error());
        }
        facts.routes.push_back(std::move(fact));
    }
}

void listeners(Facts& facts) {
    auto found = list_listeners();
    if (found) {
        facts.listeners = std::move(*found);
    } else {
        facts.skipped.push_back({"who listens", found.error().message});
    }
}

} // namespace keeper::gather
