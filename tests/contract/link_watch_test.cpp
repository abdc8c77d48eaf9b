// SPDX-License-Identifier: LGPL-2.1-or-later
// LinkWatch against the events of the running kernel, which queues most of them before ip(8) ends.
#include <cstdint>
#include <cstdio>
#include <functional>
#include <set>
#include <string>

#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <gtest/gtest.h>

#include "adapters/events/link_watch.hpp"
#include "contract/mptcp_sockets.hpp"
#include "contract/network_namespace.hpp"
#include "netlink/codec/request.hpp"
#include "netlink/netlink_socket.hpp"

namespace keeper::contract {
namespace {

using LinkChanges = std::set<LinkChange>;

LinkChange name_change(std::int32_t ifindex, const std::string& name) {
    return {.ifindex = Ifindex{ifindex}, .name = name, .address = std::nullopt};
}

LinkChange address_change(std::int32_t ifindex, const std::string& address) {
    return {.ifindex = Ifindex{ifindex}, .name = {}, .address = IpAddress::parse(address).value()};
}

LinkChange route_change(std::int32_t ifindex) {
    return {.ifindex = Ifindex{ifindex}, .name = {}, .address = std::nullopt};
}

Wakeup only(LinkChanges changes) {
    Wakeup wakeup;
    wakeup.links = std::move(changes);
    return wakeup;
}

std::int32_t index_of(const std::string& name) {
    return static_cast<std::int32_t>(if_nametoindex(name.c_str()));
}

/// lo (1) and the veth pair left and right, whose carriers are up. Without test0 and test1, whose link-local
/// addresses appear some time later.
class LinkWatchInKernel : public KernelTest {
  protected:
    void SetUp() override {
        KernelTest::SetUp();
        if (IsSkipped()) {
            return;
        }
        run("ip link delete test0 && ip link add left type veth peer name right && "
            "ip link set left addrgenmode none && ip link set right addrgenmode none && "
            "ip link set left up && ip link set right up");
        ASSERT_TRUE(eventually(
            [] { return run("ip -br link show type veth | awk '$2 == \"UP\"' | wc -l") == "2\n"; }));
        // A change waits for the kernel's lock, and thus until the events about the carriers were sent.
        run("ip link set lo up");
        left_ = index_of("left");
        right_ = index_of("right");
    }

    static LinkWatch watch(int buffer_size = LinkWatch::default_buffer_size) {
        auto created = LinkWatch::create(buffer_size);
        EXPECT_TRUE(created) << created.error().message;
        return std::move(created.value());
    }
    static bool is_ready(LinkWatch& watch) {
        pollfd interest = watch.interest();
        return ::poll(&interest, 1, 0) != 0;
    }
    /// What the watch reports after a command that finds nothing pending.
    static Wakeup after(LinkWatch& watch, const std::string& command) {
        EXPECT_FALSE(is_ready(watch)) << "before " << command;
        run(command);
        return watch.collect();
    }
    /// The changes that the watch reports until there are that many. For events that the kernel sends later:
    /// of carriers, and of IPv6 addresses, which it adds in a work queue.
    static LinkChanges eventually_found(LinkWatch& watch, std::size_t count) {
        LinkChanges found;
        EXPECT_TRUE(eventually([&] {
            found.merge(watch.collect().links);
            return found.size() >= count;
        }));
        return found;
    }
    /// One ip(8) for many commands; line(i) for i from 0.
    static void run_batch(int count, const std::function<std::string(int)>& line) {
        FILE* batch = popen("ip -batch -", "w");
        ASSERT_NE(batch, nullptr);
        for (int i = 0; i < count; ++i) {
            std::fputs((line(i) + "\n").c_str(), batch);
        }
        EXPECT_EQ(pclose(batch), 0);
    }
    static void add_addresses(int count) {
        run_batch(count, [](int i) {
            return "address add 203.0." + std::to_string(i / 250) + "." + std::to_string(i % 250) +
                   "/32 dev lo";
        });
    }

    /// Sends an event to the watch from this process; the filter applies to it, too.
    static void forge(LinkWatch& watch, netlink::Request event) {
        sockaddr_nl receiver{};
        socklen_t size = sizeof(receiver);
        ASSERT_EQ(::getsockname(watch.interest().fd, reinterpret_cast<sockaddr*>(&receiver), &size), 0);
        receiver.nl_groups = 0;
        const UniqueFd sender(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
        const netlink::Bytes bytes = event.finish(0);
        const auto* address = reinterpret_cast<const sockaddr*>(&receiver);
        EXPECT_EQ(
            ::sendto(sender.get(), bytes.data(), bytes.size(), 0, address, sizeof(receiver)),
            static_cast<ssize_t>(bytes.size()));
    }

    std::int32_t left_ = 0;
    std::int32_t right_ = 0;
};

TEST_F(LinkWatchInKernel, NamesALinkFromItsCreationToItsRemoval) {
    LinkWatch links = watch();
    const Wakeup created = after(links, "ip link add new0 type veth peer name new1");
    const std::int32_t first = index_of("new0");
    const std::int32_t second = index_of("new1");
    EXPECT_EQ(created, only({name_change(first, "new0"), name_change(second, "new1")}));
    EXPECT_EQ(after(links, "ip link set new0 name wan0"), only({name_change(first, "wan0")}));
    EXPECT_EQ(
        after(links, "ip link delete wan0"), only({name_change(first, "wan0"), name_change(second, "new1")}));
}

TEST_F(LinkWatchInKernel, NamesAlternativeNames) {
    LinkWatch links = watch();
    EXPECT_EQ(
        after(links, "ip link property add dev left altname longer-than-sixteen"),
        only({name_change(left_, "left"), name_change(left_, "longer-than-sixteen")}));
    EXPECT_EQ(
        after(links, "ip link property del dev left altname longer-than-sixteen"),
        only({name_change(left_, "left")}));
    run("ip link property add dev left altname uplink");
    (void)links.collect();
    const LinkChanges removed{
        name_change(left_, "left"), name_change(left_, "uplink"), name_change(right_, "right")};
    EXPECT_EQ(after(links, "ip link delete left"), only(removed));
}

TEST_F(LinkWatchInKernel, NamesALinkThatGoesDown) {
    LinkWatch links = watch();
    run("ip link set right down");
    const LinkChanges both{name_change(left_, "left"), name_change(right_, "right")};
    EXPECT_EQ(eventually_found(links, both.size()), both);
}

TEST_F(LinkWatchInKernel, NamesAddresses) {
    LinkWatch links = watch();
    const Wakeup ipv4 = only({address_change(left_, "192.0.2.1")});
    EXPECT_EQ(after(links, "ip address add 192.0.2.1 peer 192.0.2.2/32 dev left"), ipv4);
    EXPECT_EQ(after(links, "ip address delete 192.0.2.1 peer 192.0.2.2/32 dev left"), ipv4);
    const Wakeup ipv6 = only({address_change(left_, "2001:db8::1")});
    run("ip address add 2001:db8::1/64 dev left nodad");
    EXPECT_EQ(eventually_found(links, ipv6.links.size()), ipv6.links);
    EXPECT_EQ(after(links, "ip address delete 2001:db8::1/64 dev left"), ipv6);
}

TEST_F(LinkWatchInKernel, NamesTheOutputOfDefaultRoutes) {
    LinkWatch links = watch();
    for (const std::string ip : {"ip -4 route ", "ip -6 route "}) {
        EXPECT_EQ(after(links, ip + "add default dev left"), only({route_change(left_)})) << ip;
        EXPECT_EQ(
            after(links, ip + "replace default dev right"), only({route_change(0), route_change(right_)}))
            << "the event does not have the output that was replaced";
        EXPECT_EQ(after(links, ip + "delete default"), only({route_change(right_)})) << ip;
    }
    EXPECT_EQ(after(links, "ip route add unreachable default"), only({route_change(0)}));
}

TEST_F(LinkWatchInKernel, NamesTheOutputsOfMultipathRoutes) {
    LinkWatch links = watch();
    run("ip address add 192.0.2.1/24 dev left && ip address add 198.51.100.1/24 dev right && "
        "ip address add 2001:db8:1::1/64 dev left nodad && ip address add 2001:db8:2::1/64 dev right nodad");
    ASSERT_EQ(eventually_found(links, 4).size(), 4U);
    const Wakeup both = only({route_change(left_), route_change(right_)});
    EXPECT_EQ(after(links, "ip route add default nexthop via 192.0.2.2 nexthop via 198.51.100.2"), both);
    EXPECT_EQ(after(links, "ip route delete default"), both);
    EXPECT_EQ(
        after(links, "ip -6 route add default nexthop via 2001:db8:1::2 nexthop via 2001:db8:2::2"), both);
    EXPECT_EQ(after(links, "ip -6 route delete default"), both);
    EXPECT_EQ(
        after(links, "ip nexthop add id 7 dev left && ip route add default nhid 7"),
        only({route_change(left_)}));
    EXPECT_EQ(
        after(links, "ip nexthop replace id 7 dev right"), only({route_change(0), route_change(right_)}));
}

TEST_F(LinkWatchInKernel, OtherRoutesDoNotWake) {
    LinkWatch links = watch();
    const auto route = [](int i) {
        return "203.0." + std::to_string(i / 250) + "." + std::to_string(i % 250) + "/32 dev lo";
    };
    run_batch(1000, [&](int i) { return "route add " + route(i); });
    run_batch(1000, [&](int i) { return "route delete " + route(i); });
    run("ip -6 route add 2001:db8:3::/64 dev left && ip route add 0.0.0.0/1 dev left && "
        "ip route add unreachable 198.51.100.0/24");
    EXPECT_FALSE(is_ready(links));
    EXPECT_EQ(
        after(links, "ip address add 192.0.2.1/24 dev left"), only({address_change(left_, "192.0.2.1")}));
}

TEST_F(LinkWatchInKernel, DefaultRoutesOfOtherTablesDoNotCount) {
    LinkWatch links = watch();
    EXPECT_EQ(after(links, "ip route add default dev left table 100"), Wakeup());
    EXPECT_EQ(after(links, "ip route add local default dev lo table 1000"), Wakeup());
}

TEST_F(LinkWatchInKernel, ThePortsOfABridgeDoNotWake) {
    run("ip link add bridge0 type bridge && ip link set left master bridge0");
    LinkWatch links = watch();
    ifinfomsg port{};
    port.ifi_family = AF_BRIDGE;
    port.ifi_index = left_;
    netlink::Request change(RTM_SETLINK, 0); // bridge link set dev left cost 10
    change.header(port).begin_nest(IFLA_PROTINFO).u32(IFLA_BRPORT_COST, 10).end_nest();
    ASSERT_TRUE(netlink::NetlinkSocket(NETLINK_ROUTE).execute(change));
    EXPECT_FALSE(is_ready(links));
    EXPECT_EQ(
        after(links, "ip link set left nomaster"),
        only({name_change(left_, "left"), name_change(index_of("bridge0"), "bridge0")}));
}

TEST_F(LinkWatchInKernel, ReportsEachChangeOnceUpToALimit) {
    constexpr auto limit = static_cast<int>(LinkWatch::most_changes);
    LinkWatch links = watch();
    add_addresses(limit);
    EXPECT_EQ(links.collect().links.size(), LinkWatch::most_changes);
    run("ip address flush dev lo");
    (void)links.collect();

    add_addresses(limit + 1);
    EXPECT_EQ(links.collect(), Wakeup(Event::links_changed));
    EXPECT_EQ(after(links, "ip link set lo mtu 2000"), only({name_change(1, "lo")}));
    run_batch(1000, [](int i) { return "link set lo mtu " + std::to_string(3000 + i); });
    EXPECT_EQ(links.collect(), only({name_change(1, "lo")}));
}

TEST_F(LinkWatchInKernel, WhatChangedIsUnknownAfterAnOverrun) {
    LinkWatch links = watch(1); // the kernel grants its minimum
    add_addresses(100);
    EXPECT_EQ(links.collect(), Wakeup(Event::links_changed));
    EXPECT_EQ(
        after(links, "ip address add 192.0.2.1/24 dev left"), only({address_change(left_, "192.0.2.1")}))
        << "nothing is dropped after the overrun";
}

TEST_F(LinkWatchInKernel, OnlyTheKernelCounts) {
    LinkWatch links = watch();
    ifinfomsg header{};
    header.ifi_index = left_;
    forge(links, netlink::Request(RTM_NEWLINK, 0).header(header).text(IFLA_IFNAME, "left"));
    EXPECT_TRUE(is_ready(links));
    EXPECT_EQ(links.collect(), Wakeup());
    forge(links, netlink::Request(RTM_NEWADDR, 0)); // malformed
    EXPECT_TRUE(is_ready(links));
    EXPECT_EQ(links.collect(), Wakeup());
}

TEST_F(LinkWatchInKernel, ScansOfWirelessInterfacesDoNotWake) {
    LinkWatch links = watch();
    ifinfomsg header{};
    header.ifi_index = left_;
    netlink::Request scan(RTM_NEWLINK, 0);
    forge(links, scan.header(header).text(IFLA_IFNAME, "wlan0").u32(IFLA_WIRELESS, 0));
    EXPECT_FALSE(is_ready(links));
}

} // namespace
} // namespace keeper::contract
