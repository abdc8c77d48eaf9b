// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "applications/hook_request.hpp"

namespace keeper {

namespace {

constexpr std::string_view hook_text = "mptcp-keeper-program-hook 1\n"
                                       "all\n"
                                       "slice a.slice\n"
                                       "slice user.slice\n"
                                       "exclude bird*.service\n"
                                       "exclude sshd.service\n";

TEST(HookRequest, IsReadBackUnchanged) {
    const HookRequest request{
        .all = true, .slices = {"a.slice", "user.slice"}, .excluded = {"bird*.service", "sshd.service"}};
    EXPECT_EQ(to_text(request), hook_text);
    EXPECT_EQ(parse_hook_request(hook_text), request);
    EXPECT_EQ(parse_hook_request(to_text(HookRequest{})), HookRequest{});
}

TEST(HookRequest, EqualSetsHaveEqualTexts) {
    const HookRequest unsorted{
        .all = true,
        .slices = {"user.slice", "a.slice", "user.slice"},
        .excluded = {"sshd.service", "bird*.service", "sshd.service"}};
    EXPECT_EQ(to_text(unsorted), hook_text);
    EXPECT_EQ(
        to_text(parse_hook_request("mptcp-keeper-program-hook 1\nslice b.slice\nslice a.slice\n")
                    .value_or(HookRequest{})),
        "mptcp-keeper-program-hook 1\nslice a.slice\nslice b.slice\n");
}

TEST(HookRequest, IsRefusedIfAnyLineIsNotUnderstood) {
    const std::string head = "mptcp-keeper-program-hook 1\n";
    for (const std::string& text : std::vector<std::string>{
             "",
             "\n",
             "mptcp-keeper-program-hook 1",
             "mptcp-keeper-program-hook 2\nall\n",
             " " + head,
             head + "all",
             head + "all\n\n",
             head + "All\n",
             head + "all \n",
             head + "slice\n",
             head + "slice \n",
             head + "slice user.service\n",
             head + "slice ../user.slice\n",
             head + "slice  user.slice\n",
             head + "slice " + std::string(250, 'a') + ".slice\n",
             head + "exclude \n",
             head + "exclude a b\n",
             head + "exclude a\tb\n",
             head + "exclude a/b\n",
             head + "exclude " + std::string(511, 'a') + "\n",
             head + std::string("exclude a\0b\n", 12),
             head + "include ssh.service\n"}) {
        EXPECT_EQ(parse_hook_request(text), std::nullopt) << text;
    }
}

TEST(HookRequest, GlobsMayHoldEscapesSetsAndAnyLetter) {
    for (const char* glob :
         {"*", R"(a\\x2d*.service)", "[!a-z]?.scope", "[[:alpha:]].service", "é.service"}) {
        EXPECT_TRUE(is_hook_glob(glob)) << glob;
    }
}

TEST(HookRequest, ProbesAreProtocolsThatNoKernelHas) {
    EXPECT_EQ(exact_probe(""), 0x40000000 | (0x811c9dc5 & 0x3fffffff));
    EXPECT_EQ(exact_probe("a"), 0x40000000 | (0xe40c292c & 0x3fffffff));
    EXPECT_NE(exact_probe(hook_text), exact_probe(hook_text.substr(1)));
    for (const std::string_view text : {std::string_view(""), std::string_view("a"), hook_text}) {
        EXPECT_GE(exact_probe(text), 0x40000000); // MAX_LINKS of AF_NETLINK is 32
        EXPECT_NE(exact_probe(text), any_probe);
    }
}

} // namespace

} // namespace keeper
