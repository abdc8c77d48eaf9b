// SPDX-License-Identifier: LGPL-2.1-or-later
// fuzz/corpus/netlink/events has one event of each kind and family, captured from Linux 6.18; the lines are
// in the notation of `ip mptcp monitor` of iproute2 7.2. events-RELEASE were captured from other kernels,
// with the lines that this program printed at the time.
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "netlink/codec/events.hpp"
#include "report/monitor_lines.hpp"
#include "support/captured_bytes.hpp"

namespace keeper {
namespace {

using Json = nlohmann::ordered_json;
using netlink_test::captured;
using netlink_test::Datagram;

std::vector<MptcpEvent> captured_events() {
    return netlink_test::parse_datagram(captured("events"), netlink::parse_event);
}

MptcpEvent first_of(MptcpEventKind kind) {
    for (const MptcpEvent& event : captured_events()) {
        if (event.kind == kind) {
            return event;
        }
    }
    ADD_FAILURE() << "no such event";
    return {};
}

const WallTime noon{std::chrono::seconds(1795176000) + std::chrono::microseconds(93885)};

TEST(EventCodec, FindsTheGroupNumber) {
    const Datagram bytes = captured("event-family");
    netlink::Bytes rest(bytes);
    const auto message = netlink::take_message(rest);
    ASSERT_TRUE(message);
    EXPECT_GT(netlink::parse_event_group(*message).value_or(0), 0U);
}

TEST(MonitorLines, MatchIpMptcpMonitor) {
    std::string lines;
    for (const MptcpEvent& event : captured_events()) {
        lines += event_line(event, {});
    }
    EXPECT_EQ(
        lines,
        "[         CREATED] token=83e6fd11 remid=0 locid=0 saddr4=192.0.2.1 daddr4=192.0.2.1 sport=34213 "
        "dport=4000\n"
        "[         CREATED] token=895a0291 remid=0 locid=0 saddr6=::ffff:192.0.2.1 daddr6=::ffff:192.0.2.1 "
        "sport=4000 dport=34213 server_side\n"
        "[     ESTABLISHED] token=83e6fd11 remid=0 locid=0 saddr4=192.0.2.1 daddr4=192.0.2.1 sport=34213 "
        "dport=4000\n"
        "[     ESTABLISHED] token=895a0291 remid=0 locid=0 saddr6=::ffff:192.0.2.1 daddr6=::ffff:192.0.2.1 "
        "sport=4000 dport=34213 server_side\n"
        "[          CLOSED] token=83e6fd11\n"
        "[       ANNOUNCED] token=83e6fd11 remid=2 daddr4=192.0.2.3 dport=4000\n"
        "[         REMOVED] token=83e6fd11 remid=2\n"
        "[  SF_ESTABLISHED] token=83e6fd11 remid=2 locid=0 saddr4=192.0.2.1 daddr4=192.0.2.3 sport=50131 "
        "dport=4000 backup=0\n"
        "[  SF_ESTABLISHED] token=895a0291 remid=0 locid=2 saddr6=::ffff:192.0.2.3 daddr6=::ffff:192.0.2.1 "
        "sport=4000 dport=50131 backup=0\n"
        "[       SF_CLOSED] token=83e6fd11 remid=2 locid=0 saddr4=192.0.2.1 daddr4=192.0.2.3 sport=50131 "
        "dport=4000 backup=0\n"
        "[       SF_CLOSED] token=895a0291 remid=0 locid=2 saddr6=::ffff:192.0.2.3 daddr6=::ffff:192.0.2.1 "
        "sport=4000 dport=50131 backup=0\n"
        "[         SF_PRIO] token=895a0291 remid=1 locid=0 saddr6=::ffff:192.0.2.1 daddr6=::ffff:192.0.2.2 "
        "sport=4000 dport=52105 backup=1\n"
        "[LISTENER_CREATED] saddr6=:: sport=4000\n"
        "[ LISTENER_CLOSED] saddr6=:: sport=4000\n");
}

TEST(MonitorLines, ShowAnUnknownEventAsIpDoes) {
    MptcpEvent event;
    event.kind = static_cast<MptcpEventKind>(99);
    EXPECT_EQ(event_line(event, {}), "[UNKNOWN 99]\n");
    EXPECT_EQ(Json::parse(event_json_line(noon, event, {})).at("event"), "unknown");
}

TEST(MonitorLines, ShowErrorInterfaceAndReset) {
    MptcpEvent event = first_of(MptcpEventKind::sf_closed);
    event.error = 104;
    event.ifindex = 3;
    event.reset_reason = 1;
    event.reset_flags = 0x10;
    EXPECT_TRUE(event_line(event, {{3, "enp1s0"}})
                    .ends_with(" backup=0 error=104 ifindex=3 dev=enp1s0 reset_reason=1 reset_flags=0x10\n"));
    EXPECT_TRUE(event_line(event, {}).ends_with(" ifindex=3 dev=if3 reset_reason=1 reset_flags=0x10\n"));
    const Json json = Json::parse(event_json_line(noon, event, {{3, "enp1s0"}}));
    EXPECT_EQ(json.at("interface"), "enp1s0");
    EXPECT_EQ(json.at("error"), 104);
    EXPECT_EQ(json.at("reset_reason"), 1);
}

TEST(MonitorLines, NameKnownFlagsAndShowTheRestAsANumber) {
    MptcpEvent event;
    event.kind = MptcpEventKind::created;
    const auto is_shown_as = [&](const char* line) { return event_line(event, {}) == line; };
    event.flags = 1;
    EXPECT_TRUE(is_shown_as("[         CREATED] deny_join_id0\n"));
    event.flags = 0x8003;
    EXPECT_TRUE(is_shown_as("[         CREATED] server_side deny_join_id0 flags=0x8000\n"));
    event.flags = std::nullopt;
    event.server_side = 1; // kernels before 6.18 have only this attribute
    EXPECT_TRUE(is_shown_as("[         CREATED] server_side\n"));
    event.server_side = 0;
    EXPECT_TRUE(is_shown_as("[         CREATED]\n"));
}

TEST(MonitorJson, NamesKnownFlags) {
    MptcpEvent event;
    event.kind = MptcpEventKind::created;
    event.flags = 0x8001;
    const Json json = Json::parse(event_json_line(noon, event, {}));
    EXPECT_EQ(json.at("deny_join_id0"), true);
    EXPECT_EQ(json.at("server_side"), false);
    EXPECT_EQ(json.at("flags"), 0x8001);
}

class EventsOfKernel : public testing::TestWithParam<const char*> {};

TEST_P(EventsOfKernel, AreShownAsIpDoes) {
    const std::string name = std::string("events-") + GetParam();
    std::string lines;
    for (const MptcpEvent& event : netlink_test::parse_datagram(captured(name), netlink::parse_event)) {
        lines += event_line(event, {});
    }
    EXPECT_EQ(lines, netlink_test::recorded_text(name));
}

INSTANTIATE_TEST_SUITE_P(Captured, EventsOfKernel, testing::Values("6.1", "6.12", "7.3"));

TEST(EventCodec, IgnoresUnknownAttributes) {
    const Datagram known = captured("events");
    netlink::Bytes rest(known);
    const auto message = netlink::take_message(rest);
    ASSERT_TRUE(message);
    Datagram payload(message->payload.begin(), message->payload.end());
    // an attribute that no kernel has yet, and a truncated one
    const Datagram unknown{8, 0, 200, 0, 1, 2, 3, 4, 9, 0, 201, 0, 5};
    payload.insert(payload.end(), unknown.begin(), unknown.end());
    netlink::Message longer = *message;
    longer.payload = netlink::Bytes(payload);
    EXPECT_EQ(netlink::parse_event(longer), netlink::parse_event(*message));
}

TEST(MonitorJson, MatchesTheContractAndUnmapsAddresses) {
    EXPECT_EQ(
        event_json_line(noon, first_of(MptcpEventKind::sf_priority), {}),
        R"({"time":"2026-11-20T12:00:00.093885Z","event":"sf_priority","token":"895a0291",)"
        R"("local":"192.0.2.1:4000","remote":"192.0.2.2:52105","local_id":0,"remote_id":1,"backup":true})"
        "\n");
    EXPECT_EQ(
        event_json_line(noon, first_of(MptcpEventKind::listener_created), {}),
        R"({"time":"2026-11-20T12:00:00.093885Z","event":"listener_created","local":"[::]:4000"})"
        "\n");
}

TEST(MonitorJson, NamesEveryKind) {
    std::vector<std::string> names;
    for (const MptcpEvent& event : captured_events()) {
        const std::string name = Json::parse(event_json_line(noon, event, {})).at("event");
        if (names.empty() || names.back() != name) {
            names.push_back(name);
        }
    }
    EXPECT_EQ(
        names,
        (std::vector<std::string>{
            "created",
            "established",
            "closed",
            "announced",
            "removed",
            "sf_established",
            "sf_closed",
            "sf_priority",
            "listener_created",
            "listener_closed"}));
}

TEST(MonitorLines, ShowChangesThatTheKernelDoesNotAnnounce) {
    const WatchedChange limit{Resource::limit, "subflows", "", std::uint32_t{2}, std::uint32_t{3}};
    EXPECT_EQ(changed_line(limit), "[         CHANGED] limit subflows: 2 → 3\n");
    EXPECT_EQ(
        changed_json_line(noon, limit),
        R"({"time":"2026-11-20T12:00:00.093885Z","event":"changed","resource":"limit","key":"subflows",)"
        R"("before":2,"after":3})"
        "\n");
    const WatchedChange gone{
        Resource::endpoint,
        "192.0.2.1",
        "",
        EndpointValue{"enp1s0", {EndpointFlag::signal}, EndpointId{5}},
        {}};
    EXPECT_EQ(changed_line(gone), "[         CHANGED] endpoint 192.0.2.1: signal on enp1s0 id 5 → none\n");
}

PublishedRepair repair_of_an_endpoint() {
    return {
        3,
        noon,
        Resource::endpoint,
        "192.0.2.1",
        "",
        EndpointValue{"enp1s0", {EndpointFlag::signal}, EndpointId{5}},
        EndpointValue{"enp1s0", {EndpointFlag::signal, EndpointFlag::subflow}, EndpointId{5}},
        "/etc/mptcp-keeper/config.yaml:4"};
}

TEST(MonitorLines, ShowRepairsInTheNotationOfChanges) {
    PublishedRepair repair = repair_of_an_endpoint();
    EXPECT_EQ(
        repaired_line(repair, 0),
        "[        REPAIRED] endpoint 192.0.2.1: signal on enp1s0 id 5 → signal,subflow on enp1s0 id 5 "
        "(/etc/mptcp-keeper/config.yaml:4)\n");
    repair.before = {};
    repair.source.clear();
    EXPECT_EQ(
        repaired_line(repair, 2),
        "[        REPAIRED] endpoint 192.0.2.1: none → signal,subflow on enp1s0 id 5 and 2 earlier "
        "repairs\n");
    EXPECT_EQ(
        repaired_json_line(noon, {7, noon, Resource::limit, "subflows", "", 8U, 3U, "a.yaml:4"}, 2),
        R"({"time":"2026-11-20T12:00:00.093885Z","event":"repaired","number":7,"resource":"limit",)"
        R"("key":"subflows","before":8,"after":3,"source":"a.yaml:4","others":2})"
        "\n");
}

TEST(WatchedState, ReportsEachKindOfChangeAndIgnoresWhatCouldNotBeRead) {
    WatchedState before;
    before.sysctls = {{"enabled", "1"}, {"stale_loss_cnt", "4"}};
    before.limits = Limits{2, 0};
    before.endpoints = {{"192.0.2.1", EndpointValue{"a", {EndpointFlag::signal}, EndpointId{1}}}};
    before.profiles = {{"uuid-1", {"wan", {MptcpFlag::signal}}}};
    WatchedState after = before;
    EXPECT_TRUE(changes_between(before, after).empty());
    after.sysctls->at("enabled") = "0";
    after.limits = Limits{2, 4};
    after.endpoints->clear();
    after.profiles->at("uuid-1") = {"renamed", {MptcpFlag::subflow}};
    EXPECT_EQ(
        changes_between(before, after),
        (std::vector<WatchedChange>{
            {Resource::sysctl, "net.mptcp.enabled", "", std::string("1"), std::string("0")},
            {Resource::limit, "add_addr_accepted", "", std::uint32_t{0}, std::uint32_t{4}},
            {Resource::endpoint, "192.0.2.1", "", before.endpoints->at("192.0.2.1"), {}},
            {Resource::profile,
             "uuid-1",
             "renamed",
             MptcpFlags{MptcpFlag::signal},
             MptcpFlags{MptcpFlag::subflow}}}));
    EXPECT_TRUE(changes_between(before, WatchedState{}).empty());
    EXPECT_EQ(merged(before, WatchedState{}), before);
}

} // namespace
} // namespace keeper
