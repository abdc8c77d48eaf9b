// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "applications/socket_units.hpp"

namespace keeper {

namespace {

const IpAddress v4 = *IpAddress::parse("192.0.2.1");
const IpAddress v6 = *IpAddress::parse("2001:db8::1");
const IpAddress any = *IpAddress::parse("::");

TEST(SocketUnits, AreReadAsSystemdReadsThem) {
    const SocketUnit unit = parse_socket_unit(
        "[Unit]\nDescription=Listens on 7\n[Socket]\n# ListenStream=1\nListenStream=7000\nListenStream = "
        "192.0.2.1:80 \n"
        "ListenStream=[2001:db8::1]:443%eth0",
        "web.socket");
    EXPECT_EQ(unit, (SocketUnit{{{std::nullopt, 7000}, {v4, 80}, {v6, 443}}, ""}));
    EXPECT_EQ(why_not_mptcp(unit), "");
    EXPECT_EQ(
        parse_socket_unit(
            "ListenStream=1\nListenStream=/run/x\nListenStream=\nListenStream=80\n", "web.socket"),
        (SocketUnit{{{std::nullopt, 80}}, ""}))
        << "an empty value takes all before it back";
    EXPECT_EQ(parse_socket_unit("ListenStream=127.0.0.1:%i\n", "web@81.socket").tcp.at(0).port, 81);
    EXPECT_EQ(why_not_mptcp(parse_socket_unit("ListenStream=%i\n", "web@.socket")), "");
}

TEST(SocketUnits, AreConnectedToTheirServices) {
    const auto serves_it = [](const char* name, const char* text, const char* service) {
        return serves(name, parse_socket_unit(text, name), service);
    };
    EXPECT_TRUE(serves_it("web.socket", "ListenStream=80", "web.service"));
    EXPECT_FALSE(serves_it("web.socket", "ListenStream=80", "other.service"));
    EXPECT_TRUE(serves_it("web.socket", "ListenStream=80\nService=other.service", "other.service"));
    EXPECT_TRUE(serves_it("web.socket", "ListenStream=80\nAccept=yes", "web@3-1.service"));
    EXPECT_FALSE(serves_it("web.socket", "ListenStream=80\nAccept=yes", "web.service"));
    EXPECT_TRUE(parse_socket_unit("SocketProtocol=mptcp", "web.socket").asks_for_mptcp);
    EXPECT_FALSE(parse_socket_unit("SocketProtocol=mptcp\nSocketProtocol=", "web.socket").asks_for_mptcp);
}

TEST(SocketUnits, WithOtherAddressesCannotUseMptcp) {
    for (const char* other :
         {"ListenStream=/run/x.sock",
          "ListenStream=%t/x1",
          "ListenStream=@abstract1",
          "ListenStream=vsock:2:1",
          "ListenDatagram=53",
          "ListenSequentialPacket=/run/x",
          "ListenFIFO=/run/x",
          "ListenNetlink=route 1"}) {
        const SocketUnit unit = parse_socket_unit(std::string("ListenStream=80\n") + other, "x.socket");
        EXPECT_NE(why_not_mptcp(unit).find("which is not a TCP address"), std::string::npos) << other;
    }
    EXPECT_EQ(
        why_not_mptcp(parse_socket_unit("[Socket]\n", "x.socket")), "it does not listen on a TCP address");
}

TEST(SocketUnits, HaveTheProtocolOfTheirListeners) {
    const SocketUnit unit{{{std::nullopt, 80}, {v4, 81}}, ""};
    const std::set<SocketAddress> both{{any, 80}, {v4, 81}};
    EXPECT_EQ(state_of_sockets(unit, {{}, {}}), SocketUnitState::closed);
    EXPECT_EQ(state_of_sockets(unit, {{{v4, 80}, {any, 81}}, {}}), SocketUnitState::closed)
        << "those of others";
    EXPECT_EQ(state_of_sockets(unit, {both, {}}), SocketUnitState::tcp);
    EXPECT_EQ(state_of_sockets(unit, {both, {{any, 80}}}), SocketUnitState::tcp);
    EXPECT_EQ(state_of_sockets(unit, {both, both}), SocketUnitState::mptcp);
    EXPECT_EQ(state_of_sockets({}, {both, both}), SocketUnitState::closed);
}

TEST(SocketUnits, TheCureHoldsAfterTheNextBoot) {
    EXPECT_EQ(
        listen_without("ssh.socket", "ssh.service"),
        "systemctl disable --now ssh.socket && systemctl enable ssh.service && systemctl restart ssh.service");
    EXPECT_EQ(
        listen_without("a\\x2d.socket", "a.service"),
        "systemctl disable --now 'a\\x2d.socket' && systemctl enable a.service && systemctl restart a.service");
}

} // namespace

} // namespace keeper
