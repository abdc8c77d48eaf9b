// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "report/connections_view.hpp"
#include "support/values.hpp"

namespace keeper {
namespace {

using Json = nlohmann::ordered_json;

using test::key;

ConnectionsView view_of_two() {
    Connection first;
    first.token = 0xab;
    first.local = key("192.0.2.1:1000");
    first.remote = key("192.0.2.9:443");
    first.state = SocketState::established;
    first.inode = 5;
    ConnectionSubflow initial{first.local, first.remote, {}, SocketState::established, true};
    initial.bytes_sent = 1500;
    initial.bytes_received = 20;
    initial.rtt_us = 1250;
    ConnectionSubflow join{
        key("198.51.100.1:2000"), key("192.0.2.9:8443"), Ifindex{3}, SocketState::syn_sent};
    join.join = true;
    join.backup = true;
    join.local_id = 2;
    first.subflows = {initial, join};
    Connection second;
    second.token = 1;
    second.local = key("[2001:db8::1]:5");
    second.remote = key("[2001:db8::2]:6");
    second.state = SocketState::close_wait;
    second.fallback = true;
    Link link{
        .ifindex = Ifindex{2},
        .name = "enp1s0",
        .alternative_names = {},
        .up = true,
        .carrier = true,
        .addresses = {LinkAddress{key("192.0.2.1").address}}};
    Link other{
        .ifindex = Ifindex{3},
        .name = "enp2s0",
        .alternative_names = {},
        .up = true,
        .carrier = true,
        .addresses = {}};
    return {{first, second}, {{5, {42, "iperf3", "iperf3.service"}}}, {link, other}};
}

TEST(ConnectionsJson, MatchesTheContract) {
    EXPECT_EQ(Json::parse(connections_json_line(view_of_two())), Json::parse(R"({"connections": [
          {"token": "000000ab", "local": "192.0.2.1:1000", "remote": "192.0.2.9:443", "state": "established",
           "fallback": false, "process": {"pid": 42, "name": "iperf3", "unit": "iperf3.service"},
           "subflows": [
            {"local": "192.0.2.1:1000", "remote": "192.0.2.9:443", "interface": "enp1s0",
             "state": "established", "kind": "initial", "backup": false, "local_id": 0, "remote_id": 0,
             "bytes_sent": 1500, "bytes_received": 20, "rtt_us": 1250},
            {"local": "198.51.100.1:2000", "remote": "192.0.2.9:8443", "interface": "enp2s0",
             "state": "syn-sent", "kind": "join", "backup": true, "local_id": 2, "remote_id": 0,
             "bytes_sent": 0, "bytes_received": 0, "rtt_us": 0}]},
          {"token": "00000001", "local": "[2001:db8::1]:5", "remote": "[2001:db8::2]:6",
           "state": "close-wait", "fallback": true, "process": null, "subflows": []}]})"));
    EXPECT_EQ(Json::parse(connections_json({})), Json::parse(R"({"connections": []})"));
}

TEST(ConnectionsText, IsATable) {
    EXPECT_EQ(
        connections_text(view_of_two(), std::nullopt, Colour::never),
        "TOKEN       LOCAL              REMOTE           INTERFACE  IDS  STATE            SENT  RECEIVED  RTT"
        "      PROCESS\n"
        "000000ab    192.0.2.1:1000     192.0.2.9:443                    established      1.5k  20           "
        "      "
        "iperf3[42] iperf3.service\n"
        "  M         192.0.2.1:1000     192.0.2.9:443    enp1s0     0/0  established      1.5k  20        "
        "1.25 ms\n"
        "  J backup  198.51.100.1:2000  192.0.2.9:8443   enp2s0     2/0  syn-sent         0     0\n"
        "00000001    [2001:db8::1]:5    [2001:db8::2]:6                  fallback to TCP  0     0\n"
        "2 MPTCP connections, 2 subflows, 1 fell back to TCP\n");
    EXPECT_EQ(connections_text({}, std::nullopt, Colour::never), "0 MPTCP connections, 0 subflows\n");
}

TEST(ConnectionsText, KeepsConnectionsWithASubflowOnThePort) {
    const auto tokens_with = [](std::uint16_t port) {
        auto connections = view_of_two().connections;
        keep_port(connections, port);
        std::vector<std::uint32_t> tokens;
        for (const Connection& connection : connections) {
            tokens.push_back(connection.token);
        }
        return tokens;
    };
    EXPECT_EQ(tokens_with(8443), (std::vector<std::uint32_t>{0xab}));
    EXPECT_EQ(tokens_with(5), (std::vector<std::uint32_t>{1}));
    EXPECT_EQ(tokens_with(7), (std::vector<std::uint32_t>{}));
}

TEST(ConnectionsScreen, ShowsRatesAndKeys) {
    auto view = view_of_two();
    const auto before = view.connections;
    view.connections[0].subflows[0].bytes_sent += 4000000;
    view.connections[0].subflows[1].bytes_received += 1000000;
    const Rates rates = rates_between(before, view.connections, std::chrono::milliseconds(2000));
    const std::string screen = connections_screen(view, rates, SortKey::rate, 200, 12, Colour::never);
    EXPECT_NE(screen.find("2.0MB/s    ████████████\n"), std::string::npos) << screen;
    EXPECT_NE(screen.find("500.0kB/s  ███\n"), std::string::npos) << screen;
    EXPECT_NE(screen.find("sorted by rate; keys: s address"), std::string::npos) << screen;
    EXPECT_EQ(std::count(screen.begin(), screen.end(), '\n'), 11);
}

TEST(ConnectionsScreen, SortsByTheKey) {
    auto view = view_of_two();
    sort_connections(view, {}, SortKey::process);
    EXPECT_EQ(view.connections.front().token, 1U);
    sort_connections(view, {}, SortKey::bytes);
    EXPECT_EQ(view.connections.front().token, 0xabU);
}

TEST(ShortNumber, HasThreeDigitsAndAUnit) {
    EXPECT_EQ(short_number(0), "0");
    EXPECT_EQ(short_number(999), "999");
    EXPECT_EQ(short_number(1234), "1.2k");
    EXPECT_EQ(short_number(34500000), "34.5M");
    EXPECT_EQ(short_number(1.8e19), "18.0E");
}

} // namespace
} // namespace keeper
