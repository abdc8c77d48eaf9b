// SPDX-License-Identifier: LGPL-2.1-or-later
// No parser reads past the bytes that it was given, whatever their lengths say; the sanitizers watch.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <vector>

#include <gtest/gtest.h>
#include <linux/netlink.h>

#include "netlink/codec/events.hpp"
#include "netlink/codec/link_changes.hpp"
#include "netlink/codec/links.hpp"
#include "netlink/codec/path_manager.hpp"
#include "netlink/codec/sockets.hpp"

namespace keeper::netlink {
namespace {

using Datagram = std::vector<std::uint8_t>;

std::vector<Datagram> captures() {
    std::vector<Datagram> all;
    const auto tests = std::filesystem::path(TEST_DATA_DIR).parent_path();
    for (const auto& entry : std::filesystem::directory_iterator(tests / "fuzz/corpus/netlink")) {
        std::ifstream file(entry.path(), std::ios::binary);
        all.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    return all;
}

/// How many values all parsers together found: something to compute, so that nothing is optimised away.
int parse_everything(Bytes bytes) {
    int found = 0;
    std::set<LinkChange> changes;
    while (const auto message = take_message(bytes)) {
        found += parse_ack(*message).has_value();
        found += parse_family(*message).has_value();
        found += parse_limits(*message).has_value();
        found += parse_endpoint(*message).has_value();
        found += parse_link(*message).has_value();
        found += parse_address(*message).has_value();
        found += parse_default_route(*message).has_value();
        found += parse_gateway_route(*message).has_value();
        found += parse_link_kind(*message).has_value();
        found += parse_subflow_sides(*message).has_value();
        found += parse_connection(*message).has_value();
        found += parse_subflow(*message).has_value();
        found += parse_event_group(*message).has_value();
        found += parse_event(*message).has_value();
        (void)add_link_changes(*message, changes);
    }
    found += static_cast<int>(changes.size());
    return found;
}

/// A copy of its own, so that a sanitizer sees an access to the byte after it.
Datagram front(const Datagram& whole, std::size_t size) {
    return {whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)};
}

void put_u16(Datagram& bytes, std::size_t place, std::size_t value) {
    bytes.at(place) = static_cast<std::uint8_t>(value & 0xff);
    bytes.at(place + 1) = static_cast<std::uint8_t>((value >> 8) & 0xff);
}

TEST(BrokenNetlinkBytes, WholeCapturesAreUnderstood) {
    ASSERT_GE(captures().size(), 12U);
    for (const Datagram& whole : captures()) {
        EXPECT_GE(parse_everything(whole), 1);
    }
}

TEST(BrokenNetlinkBytes, EveryTruncationIsSurvived) {
    for (const Datagram& whole : captures()) {
        const int all = parse_everything(whole);
        for (std::size_t size = 0; size < whole.size(); ++size) {
            EXPECT_LE(parse_everything(front(whole, size)), all);
        }
    }
}

TEST(BrokenNetlinkBytes, AMessageCutShortInsideIsSurvived) {
    for (const Datagram& whole : captures()) {
        Bytes rest(whole);
        const auto first = take_message(rest);
        ASSERT_TRUE(first);
        for (std::size_t size = sizeof(nlmsghdr); size <= sizeof(nlmsghdr) + first->payload.size(); ++size) {
            Datagram cut = front(whole, size);
            put_u16(cut, 0, size); // its own length agrees, those inside it no longer do
            EXPECT_GE(parse_everything(cut), 0);
        }
    }
}

TEST(BrokenNetlinkBytes, EveryWrongLengthIsSurvived) {
    for (const Datagram& whole : captures()) {
        for (std::size_t place = 0; place + 1 < whole.size(); place += 2) {
            for (const std::size_t lie : {0U, 1U, 3U, 4U, 5U, 0x7fffU, 0xffffU}) {
                Datagram broken = whole;
                put_u16(broken, place, lie);
                EXPECT_GE(parse_everything(broken), 0);
            }
        }
    }
}

} // namespace
} // namespace keeper::netlink
