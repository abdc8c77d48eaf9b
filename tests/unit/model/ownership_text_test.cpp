// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "model/ownership_text.hpp"

namespace keeper {
namespace {

const BootIdentity now{"boot-1", "6.18.0"};

Ownership sample_record() {
    const SocketAddress v4 = parse_socket_address("198.51.100.1:4000").value();
    const SocketAddress v6 = parse_socket_address("2001:db8::1").value();
    Ownership ownership;
    ownership.boot_id = now.boot_id;
    ownership.sysctls["enabled"] = {"0", "/etc/a.yaml:1"};
    ownership.limits["subflows"] = {2, "/etc/a.yaml:2"};
    ownership.profiles["u-1"] = {"wan küche", {MptcpFlag::signal}, "/etc/a.yaml:3"};
    ownership.endpoints[v4] = {{EndpointFlag::signal}, "/etc/a.yaml:4"};
    ownership.stand_ins[v6] = {EndpointFlags::from_raw(0x80000001), ""};
    ownership.displaced[v6] = {{v6, {EndpointFlag::subflow}, {7}, {255}}, "/etc/a.yaml:5"};
    ownership.kernel = {
        .endpoint_capacity = 8,
        .limit_maximum = 64,
        .kept_flags = EndpointFlags::from_raw(8),
        .dropped_flags = {EndpointFlag::laminar}};
    return ownership;
}

std::string text() {
    return to_state_text(sample_record(), now.kernel_release);
}

/// The sample's text with one piece replaced.
std::string with(const std::string& from, const std::string& to) {
    std::string result = text();
    const std::size_t at = result.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return at == std::string::npos ? result : result.replace(at, from.size(), to);
}

std::string refusal_of(const std::string& hostile) {
    const auto result = from_state_text(hostile, now);
    return result ? "" : result.error().message;
}

TEST(StateText, IsReadBackUnchanged) {
    EXPECT_EQ(from_state_text(text(), now).value(), sample_record());
    Ownership empty;
    empty.boot_id = now.boot_id;
    EXPECT_EQ(from_state_text(to_state_text(empty, "x"), now).value(), empty);
}

TEST(StateText, ForgetsEndpointsOfAnEarlierBoot) {
    Ownership expected = sample_record();
    expected.boot_id = "boot-2";
    expected.endpoints.clear();
    expected.stand_ins.clear();
    expected.displaced.clear();
    expected.kernel = {};
    EXPECT_EQ(from_state_text(text(), {"boot-2", now.kernel_release}).value(), expected);
}

TEST(StateText, ForgetsTheBoundsOfAnotherKernel) {
    Ownership expected = sample_record();
    expected.kernel = {};
    EXPECT_EQ(from_state_text(text(), {now.boot_id, "6.19.0"}).value(), expected);
}

TEST(StateText, ReadsTheFilesOfEarlierVersions) {
    const std::string all = text();
    const std::size_t end = all.find(",\n  \"limit_maximum\"");
    ASSERT_NE(end, std::string::npos) << all;
    Ownership expected = sample_record();
    expected.kernel = {.endpoint_capacity = 8, .limit_maximum = {}, .kept_flags = {}, .dropped_flags = {}};
    EXPECT_EQ(from_state_text(all.substr(0, end) + "\n}\n", now).value(), expected);
}

TEST(StateText, RefusesInvalidText) {
    EXPECT_EQ(refusal_of(""), "not JSON");
    EXPECT_EQ(refusal_of(text().substr(0, text().size() / 2)), "not JSON");
    EXPECT_EQ(refusal_of("[]"), "\"version\" is missing");
    EXPECT_EQ(refusal_of("null"), "\"version\" is missing");
    EXPECT_EQ(refusal_of("{}"), "\"version\" is missing");
    EXPECT_EQ(
        refusal_of(with("\"version\": 1", "\"version\": 2")), "written by another version of mptcp-keeper");
    EXPECT_EQ(refusal_of(with("\"boot_id\": \"boot-1\"", "\"boot_id\": 1")), "\"boot_id\" is not a string");
    EXPECT_EQ(
        refusal_of(with("\"enabled\"", "\"../../kernel/panic\"")),
        "\"../../kernel/panic\" is not a sysctl name");
    EXPECT_EQ(refusal_of(with("\"subflows\"", "\"sub\"")), "\"sub\" is not a limit");
    EXPECT_EQ(
        refusal_of(with("198.51.100.1:4000", "198.51.100.1:99999")),
        "\"198.51.100.1:99999\" is not the address of an endpoint");
    EXPECT_EQ(refusal_of(with("\"id\": 255", "\"id\": 256")), "\"id\" is not a number from 0 to 255");
    EXPECT_EQ(
        refusal_of(with("\"ifindex\": 7", "\"ifindex\": -7")),
        "\"ifindex\" is not a number from 0 to 2147483647");
    EXPECT_EQ(
        refusal_of(with("\"endpoint_capacity\": 8", "\"endpoint_capacity\": 1e3")),
        "\"endpoint_capacity\" is not a number from 0 to 255");
    EXPECT_EQ(refusal_of(with("\"endpoint_capacity\"", "\"capacity\"")), "\"endpoint_capacity\" is missing");
}

TEST(StateText, IsReadInBoundedTimeHoweverDeep) {
    EXPECT_EQ(refusal_of(std::string(100'000, '[')), "not JSON");
    EXPECT_EQ(refusal_of(std::string(50'000, '[') + std::string(50'000, ']')), "\"version\" is missing");
}

} // namespace
} // namespace keeper
