// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include "netlink/codec/message.hpp"

/// The datagrams in fuzz/corpus/netlink, which were captured from Linux 6.18 or the release in their name.
namespace keeper::netlink_test {

using Datagram = std::vector<std::uint8_t>;

inline Datagram captured(const std::string& name) {
    const auto tests = std::filesystem::path(TEST_DATA_DIR).parent_path();
    std::ifstream file(tests / "fuzz/corpus/netlink" / name, std::ios::binary);
    EXPECT_TRUE(file) << name;
    return {std::istreambuf_iterator<char>(file), {}};
}

/// What another program wrote about the datagrams of that name when they were captured.
inline std::string recorded_text(const std::string& name) {
    std::ifstream file(std::filesystem::path(TEST_DATA_DIR) / "events" / (name + ".txt"));
    EXPECT_TRUE(file) << name;
    return {std::istreambuf_iterator<char>(file), {}};
}

/// What the parser finds in all messages of a datagram.
template <class Parse>
auto parse_datagram(const Datagram& datagram, Parse parse) {
    std::vector<typename std::invoke_result_t<Parse, const netlink::Message&>::value_type> found;
    netlink::Bytes rest(datagram);
    while (const auto message = netlink::take_message(rest)) {
        if (const auto value = parse(*message)) {
            found.push_back(*value);
        }
    }
    return found;
}

} // namespace keeper::netlink_test
