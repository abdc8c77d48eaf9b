// SPDX-License-Identifier: LGPL-2.1-or-later
// NetlinkLinks against real interfaces; ip(8) is the oracle.
#include <algorithm>
#include <map>
#include <set>

#include <linux/netlink.h>

#include <nlohmann/json.hpp>

#include "adapters/kernel/netlink_links.hpp"
#include "contract/mptcp_sockets.hpp"
#include "contract/network_namespace.hpp"
#include "netlink/codec/links.hpp"
#include "netlink/netlink_socket.hpp"

namespace keeper::contract {
namespace {

using nlohmann::json;

class LinksInKernel : public KernelTest {
  protected:
    Link link(const std::string& name) {
        const std::vector<Link> all = port_.links().value();
        for (const Link& present : all) {
            if (present.name == name) {
                return present;
            }
        }
        ADD_FAILURE() << "no link " << name;
        return {};
    }
    std::optional<LinkAddress> address(const std::string& name, const std::string& wanted) {
        const Link holder = link(name);
        for (const LinkAddress& present : holder.addresses) {
            if (to_string(present.address) == wanted) {
                return present;
            }
        }
        return std::nullopt;
    }

    NetlinkLinks port_;
};

bool has_flag(const json& flags, const char* name) {
    return std::find(flags.begin(), flags.end(), name) != flags.end();
}

TEST_F(LinksInKernel, KnowsTheKindsThatIpShows) {
    run("ip link add br0 type bridge && ip link add vx0 type vxlan id 5 dstport 4789; "
        "ip link add link test0 name vlan7 type vlan id 7 2>/dev/null; ip tuntap add dev tun0 mode tun; "
        "true");
    netlink::NetlinkSocket socket(NETLINK_ROUTE);
    const auto kinds = socket.dump(netlink::links_request(), netlink::parse_link_kind);
    ASSERT_TRUE(kinds);
    std::map<int, std::string> found;
    for (const netlink::LinkKindInfo& one : *kinds) {
        found[one.ifindex.value] = one.kind;
    }
    const json oracle = json::parse(run("ip -d -j link show"));
    ASSERT_EQ(found.size(), oracle.size());
    for (const json& expected : oracle) {
        const json info = expected.value("linkinfo", json::object());
        EXPECT_EQ(found.at(expected["ifindex"]), info.value("info_kind", "")) << expected["ifname"];
    }
}

TEST_F(LinksInKernel, AgreesWithIp) {
    const std::map<std::string, int> scopes{{"global", 0}, {"link", 253}, {"host", 254}};
    // The kernel adds link-local addresses on its own, and detects duplicates, after a link is up.
    json oracle;
    std::vector<Link> links;
    do {
        oracle = json::parse(run("ip -j address show"));
        links = port_.links().value();
    } while (json::parse(run("ip -j address show")) != oracle);
    ASSERT_EQ(links.size(), oracle.size());
    EXPECT_TRUE(std::is_sorted(
        links.begin(), links.end(), [](const Link& a, const Link& b) { return a.ifindex < b.ifindex; }));
    for (const json& expected : oracle) {
        const std::string name = expected["ifname"];
        const auto found_at =
            std::find_if(links.begin(), links.end(), [&](const Link& each) { return each.name == name; });
        ASSERT_NE(found_at, links.end()) << name;
        const Link& found = *found_at;
        EXPECT_EQ(found.ifindex.value, expected["ifindex"].get<int>());
        EXPECT_EQ(found.up, has_flag(expected["flags"], "UP"));
        EXPECT_EQ(found.carrier, has_flag(expected["flags"], "LOWER_UP"));
        ASSERT_EQ(found.addresses.size(), expected["addr_info"].size()) << found.name;
        for (std::size_t i = 0; i < found.addresses.size(); ++i) {
            const json& info = expected["addr_info"][i];
            EXPECT_EQ(to_string(found.addresses[i].address), info["local"].get<std::string>());
            EXPECT_EQ(found.addresses[i].scope, scopes.at(info["scope"]));
            EXPECT_EQ(found.addresses[i].tentative, info.value("tentative", false));
            EXPECT_EQ(found.addresses[i].dynamic, info.value("dynamic", false));
        }
    }
}

TEST_F(LinksInKernel, SeesALinkThatIsDown) {
    run("ip link set test1 down");
    EXPECT_FALSE(link("test1").up);
    EXPECT_TRUE(link("test0").up);
    EXPECT_FALSE(link("test0").carrier);
}

TEST_F(LinksInKernel, DistinguishesTheKindsOfAddresses) {
    run("ip addr add 203.0.113.5/24 dev test1 valid_lft 3600 preferred_lft 3600 && "
        "ip addr add 2001:db8:1::5/64 dev test1");
    ASSERT_TRUE(address("test1", "203.0.113.5"));
    EXPECT_TRUE(address("test1", "203.0.113.5")->dynamic);
    EXPECT_FALSE(address("test0", "192.0.2.1")->dynamic);
    EXPECT_FALSE(address("test0", "192.0.2.2")->temporary)
        << "a second IPv4 address is not a privacy address";
    EXPECT_TRUE(eventually([&] { return address("test1", "2001:db8:1::5")->is_usable(); }));
    run("ip addr add 203.0.113.6/24 dev test1 noprefixroute");
    EXPECT_TRUE(address("test1", "203.0.113.6")->no_prefix_route);
    EXPECT_FALSE(address("test1", "203.0.113.5")->no_prefix_route);
}

TEST_F(LinksInKernel, SeesDuplicateAddressDetectionInProgress) {
    // A hundred probes, one per second: detection does not end during the test.
    run("echo 100 > /proc/sys/net/ipv6/conf/test1/dad_transmits && ip addr add 2001:db8:1::5/64 dev test1");
    const auto found = address("test1", "2001:db8:1::5");
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->tentative);
    EXPECT_FALSE(found->is_usable());
}

TEST_F(LinksInKernel, SeesAFailedDetection) {
    run("ip link add peer0 type veth peer name peer1 && ip link set peer0 up && ip link set peer1 up && "
        "ip addr add 2001:db8:2::5/64 dev peer0 nodad && ip addr add 2001:db8:2::5/64 dev peer1");
    EXPECT_TRUE(eventually([&] {
        const auto found = address("peer1", "2001:db8:2::5");
        return found && found->dad_failed;
    }));
}

TEST_F(LinksInKernel, UsesTheLocalAddressOfAPointToPointLink) {
    run("ip addr add 203.0.113.1 peer 203.0.113.2/32 dev test1 && "
        "ip addr add 2001:db8:3::1 peer 2001:db8:3::2/128 dev test1 nodad");
    EXPECT_TRUE(address("test1", "203.0.113.1"));
    EXPECT_FALSE(address("test1", "203.0.113.2"));
    EXPECT_TRUE(address("test1", "2001:db8:3::1"));
    EXPECT_FALSE(address("test1", "2001:db8:3::2"));
}

TEST_F(LinksInKernel, FindsDefaultRoutesPerFamily) {
    EXPECT_FALSE(link("test0").default_route_v4);
    EXPECT_FALSE(link("test0").default_route_v6);
    run("ip route add default via 192.0.2.254 dev test0 proto static");
    EXPECT_TRUE(link("test0").default_route_v4);
    EXPECT_FALSE(link("test0").default_route_v6);
    EXPECT_FALSE(link("test1").default_route_v4);
    run("ip -6 route add default via 2001:db8::ff dev test0 proto static");
    EXPECT_TRUE(link("test0").default_route_v6);
    EXPECT_FALSE(link("lo").default_route_v4);
    EXPECT_FALSE(link("lo").default_route_v6);
}

TEST_F(LinksInKernel, CountsOnlyDefaultRoutesThatNetworkManagerCounts) {
    run("ip route add default dev test1 table 1000 proto static");
    EXPECT_FALSE(link("test1").default_route_v4) << "another table";
    run("ip route add default dev test1");
    EXPECT_FALSE(link("test1").default_route_v4) << "added by hand";
}

TEST_F(LinksInKernel, FindsAllNexthopsOfADefaultRoute) {
    run("ip addr add 203.0.113.1/24 dev test1 && "
        "ip route add default proto static nexthop via 192.0.2.254 dev test0 nexthop via 203.0.113.254 dev "
        "test1 && "
        "ip -6 addr add 2001:db8:1::1/64 dev test1 nodad && "
        "ip -6 route add default proto static nexthop via 2001:db8::ff dev test0 nexthop via 2001:db8:1::ff "
        "dev test1");
    for (const char* name : {"test0", "test1"}) {
        EXPECT_TRUE(link(name).default_route_v4) << name;
        EXPECT_TRUE(link(name).default_route_v6) << name;
    }
}

TEST_F(LinksInKernel, FindsADefaultRouteThroughANexthopObject) {
    run("ip nexthop add id 7 via 192.0.2.254 dev test0 && ip route add default proto static nhid 7");
    EXPECT_TRUE(link("test0").default_route_v4);
}

TEST_F(LinksInKernel, LeavesOutOtherRoutes) {
    run("ip route add 203.0.113.0/24 dev test1 proto static && ip route add 0.0.0.0/1 dev test1 proto static "
        "&& "
        "ip route add unreachable default metric 5 proto static && "
        "ip route add local default dev test1 metric 6 proto static");
    EXPECT_FALSE(link("test1").default_route_v4);
}

TEST_F(LinksInKernel, ReadsConsistentlyWhileInterfacesComeAndGo) {
    FILE* changes = popen(
        "for i in $(seq 60); do ip link add c$i type veth peer name d$i; ip addr add 203.0.113.$i/32 dev "
        "c$i; "
        "done; for i in $(seq 60); do ip link del c$i; done",
        "r");
    ASSERT_NE(changes, nullptr);
    std::size_t most = 0;
    pollfd end{fileno(changes), POLLIN | POLLHUP, 0};
    while (poll(&end, 1, 0) == 0) {
        const auto links = port_.links();
        ASSERT_TRUE(links) << links.error().message;
        most = std::max(most, links->size());
        std::set<std::int32_t> indexes;
        for (const Link& present : *links) {
            EXPECT_TRUE(indexes.insert(present.ifindex.value).second) << present.name << " twice";
        }
    }
    EXPECT_EQ(pclose(changes), 0);
    EXPECT_GT(most, 3U);
    EXPECT_EQ(port_.links().value().size(), 3U);
}

} // namespace
} // namespace keeper::contract
