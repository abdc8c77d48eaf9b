// SPDX-License-Identifier: LGPL-2.1-or-later
#include <cstring>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <fnmatch.h>
#include <gtest/gtest.h>

#include "applications/hook_request.hpp"
#include "applications/program_hook.hpp"
#include "hook/decision.h"
#include "hook/glob.hpp"
#include "hook/kernel_symbol.hpp"
#include "hook/rules.hpp"

namespace keeper {

namespace {

/// As the BPF program decides: the names of the path from the root down.
bool becomes_mptcp(const hook_rules& rules, std::string_view path) {
    hook_state state{};
    hook_decision decision{&rules, &state};
    std::istringstream names{std::string(path)};
    for (std::string name; std::getline(names, name, '/');) {
        std::memcpy(state.name, name.c_str(), name.size() + 1);
        state.length = static_cast<unsigned>(name.size());
        hook_add_component(&decision);
    }
    return hook_verdict(&decision) != 0;
}

bool becomes_mptcp(const HookRequest& request, std::string_view path) {
    return becomes_mptcp(*make_hook_rules(request).value(), path);
}

bool matches(std::string_view glob, const std::string& name) {
    auto rules = std::make_unique<hook_rules>();
    EXPECT_TRUE(add_glob(*rules, glob, hook_where_anywhere, hook_effect_chosen)) << glob;
    return becomes_mptcp(*rules, name);
}

std::string random_text(std::mt19937& random, const std::vector<std::string>& pieces, unsigned longest) {
    std::string text;
    for (auto count = random() % (longest + 1); count > 0; --count) {
        text += pieces[random() % pieces.size()];
    }
    return text;
}

TEST(HookGlob, MatchesWhatFnmatchMatches) {
    constexpr unsigned seed = 20261127;
    std::mt19937 random(seed);
    const std::vector<std::string> glob_pieces = {
        "a",       "b",       "c",   "-",  ".",      "*",      "*",     "?",    "[",           "[",
        "]",       "!",       "^",   "\\", "[ab]",   "[!a-b]", "[a-c]", "[]a]", "[[:alpha:]]", "[[:digit:]-]",
        "[[.a.]]", "[[=a=]]", "[[:", ":]", "[\\]a]", "[c-a]",  "é",     "\xff"};
    const std::vector<std::string> name_pieces = {
        "a", "b", "c", "-", ".", "*", "[", "]", "!", "\\", ":", "é", "\xff"};
    unsigned hits = 0;
    for (int round = 0; round < 50000; ++round) {
        const std::string glob = random_text(random, glob_pieces, 6);
        const std::string name = random_text(random, name_pieces, 7);
        if (name.empty()) {
            continue; // no cgroup has this name
        }
        const bool expected = ::fnmatch(glob.c_str(), name.c_str(), 0) == 0;
        hits += expected ? 1 : 0;
        ASSERT_EQ(matches(glob, name), expected)
            << "glob '" << glob << "', name '" << name << "', seed " << seed << ", round " << round;
    }
    EXPECT_GT(hits, 500U);
}

TEST(HookGlob, ManyStarsAndTheLongestNamesTakeFewEnoughSteps) {
    std::string stars;
    for (int i = 0; i < 126; ++i) {
        stars += "*a";
    }
    const std::string name(255, 'a');
    EXPECT_TRUE(matches(stars + "*", name));
    EXPECT_FALSE(matches(stars + "*b", name));
    EXPECT_TRUE(matches("*" + std::string(127, 'a'), name));
    EXPECT_FALSE(matches("*" + std::string(127, 'a') + "b", name));
    EXPECT_TRUE(matches(name, name));
    EXPECT_TRUE(matches(std::string(255, '?'), name));
}

TEST(HookGlob, RequestsThatDoNotFitAreRefused) {
    HookRequest request;
    for (int i = 0; i < hook_patterns - 1; ++i) { // two rules are built in
        request.slices.push_back("x" + std::to_string(i) + ".slice");
    }
    EXPECT_FALSE(make_hook_rules(request));
    request.slices.pop_back();
    const auto rules = make_hook_rules(request);
    ASSERT_TRUE(rules);
    EXPECT_TRUE(becomes_mptcp(**rules, "x" + std::to_string(hook_patterns - 3) + ".slice/a.service"));
    std::string sets;
    for (int i = 0; i < 60; ++i) {
        sets += std::string("[") + static_cast<char>('A' + i) + "]";
    }
    EXPECT_TRUE(
        make_hook_rules(HookRequest{.all = true, .slices = {}, .excluded = {sets, sets + "*", "?" + sets}}))
        << "equal sets need room once";
}

struct Case {
    const char* path;
    bool expected;
};

void expect_verdicts(const HookRequest& request, const std::vector<Case>& cases) {
    for (const Case& one : cases) {
        EXPECT_EQ(becomes_mptcp(request, one.path), one.expected) << one.path;
    }
}

TEST(HookDecision, ExclusionsThatAreBuiltIn) {
    DesiredState desired;
    desired.all_programs = Declared<bool>{true, {"test.yaml", 1, 1}};
    expect_verdicts(
        hook_request(desired),
        {
            {"init.scope", false},
            {"system.slice/web.service", true},
            {"system.slice/ssh.service", false},
            {"system.slice/ssh.socket", false}, // systemd creates its sockets in this cgroup
            {"system.slice/web.socket", false},
            {"system.slice/systemd-resolved.service", false},
            {"system.slice/docker-0123.scope", false},
            {"user.slice/user-1000.slice/user@1000.service/app.slice/web.service", true},
        });
}

TEST(HookDecision, AllProgramsButTheExcludedOnes) {
    const HookRequest request{
        .all = true,
        .slices = {},
        .excluded = {
            "sshd*.service", "bird@*.service", R"(a\\x2db.service)", "machine.slice", "session-*.scope"}};
    expect_verdicts(
        request,
        {
            {"", false},
            {"system.slice", true},
            {"system.slice/web.service", true},
            {"system.slice/sshd.service", false},
            {"system.slice/system-sshd.slice/sshd@0-1.service", false},
            {"system.slice/sshd.service/worker", false},
            {"system.slice/web.service/sshd.service", true},
            {"system.slice/bird@a\\x2db.service", false},
            {"system.slice/bird.service", true},
            {"system.slice/a\\x2db.service", false},
            {"system.slice/ax2db.service", true},
            {"machine.slice/libpod-0123.scope/container", false},
            {"machine.slice/machine-a.slice/x.service", false},
            {"system.slice/docker-0123.scope", true},
            {"user.slice/user-1000.slice/session-3.scope", false},
            {"user.slice/user-1000.slice/user@1000.service/app.slice/sshd.service", true},
            {"user.slice/user-1000.slice/user@1000.service/machine.slice/x.service", true},
            {"sshd.service", false},
            {"web", true},
        });
}

TEST(HookDecision, OnlyProgramsInTheSlices) {
    const HookRequest request{
        .all = false, .slices = {"background.slice", "user-1000.slice"}, .excluded = {"user@1001.service"}};
    expect_verdicts(
        request,
        {
            {"", false},
            {"system.slice/web.service", false},
            {"background.slice", true},
            {"background.slice/web.service", true},
            {"background.slice/background-low.slice/web.service/worker", true},
            {"user.slice/user-1000.slice/session-3.scope", true},
            {"user.slice/user-1000.slice/user@1000.service/app.slice/x.service", true},
            {"user.slice/user-1000.slice/user@1001.service/app.slice/x.service", false},
            {"user.slice/user-1001.slice/user@1001.service/background.slice/x.service", false},
            {"system.slice/x.service/background.slice/y.service", false},
            {"user.slice/user-10000.slice/session-3.scope", false},
            {"xbackground.slice/web.service", false},
            {".slice/background.slice", false},
        });
}

TEST(HookDecision, ServiceManagersNeverAndRunUnlessExcluded) {
    const HookRequest request{
        .all = false, .slices = {"a.slice"}, .excluded = {"sshd.service", "never.slice"}};
    expect_verdicts(
        request,
        {
            {"init.scope", false},
            {"a.slice/init.scope", false},
            {"a.slice/user@1000.service/init.scope", false},
            {"a.slice/user@1000.service/init.scope/mptcp-keeper-run-1.scope", false},
            {"system.slice/mptcp-keeper-run-1.scope", true},
            {"user.slice/user-1000.slice/user@1000.service/app.slice/mptcp-keeper-run-1-2.scope", true},
            {"user.slice/mptcp-keeper-run-1.scope/child", true},
            {"user.slice/mptcp-keeper-run-1.service", false},
            {"system.slice/sshd.service/mptcp-keeper-run-1.scope", false},
            {"never.slice/mptcp-keeper-run-1.scope", false},
        });
    expect_verdicts(
        HookRequest{.all = true, .slices = {}, .excluded = {"mptcp-keeper-run-*"}},
        {{"system.slice/mptcp-keeper-run-1.scope", false}, {"init.scope", false}, {"x.scope", true}});
}

TEST(HookDecision, HoldsWhateverTheConfigurationAccepts) {
    DesiredState desired;
    desired.all_programs = Declared<bool>{true, {}};
    std::string escaped; // as long as a name can be
    while (escaped.size() + 4 + std::string_view(".service").size() <= 255) {
        escaped += "\\x2d";
    }
    desired.never[escaped + ".service"] = {};
    std::string sets;
    for (char letter = 'a'; letter <= 'y'; ++letter) {
        sets += std::string("[") + letter + "z]";
    }
    for (std::size_t i = 0; i < most_hook_sets / 25; ++i) {
        desired.never[std::string(1, static_cast<char>('0' + i)) + sets + ".service"] = {};
    }
    for (std::size_t i = 0; desired.never.size() < most_hook_names; ++i) {
        desired.never["unit" + std::to_string(i) + ".service"] = {};
    }
    const auto request = parse_hook_request(to_text(hook_request(desired)));
    ASSERT_TRUE(request);
    const auto rules = make_hook_rules(*request);
    ASSERT_TRUE(rules) << rules.error().message;
    EXPECT_FALSE(becomes_mptcp(**rules, "system.slice/" + escaped + ".service"));
    EXPECT_FALSE(becomes_mptcp(**rules, "system.slice/unit7.service"));
    EXPECT_TRUE(becomes_mptcp(**rules, "system.slice/unit.service"));
}

TEST(KernelSymbol, IsFoundByItsWholeName) {
    const auto find = [](const std::string& text) {
        std::istringstream symbols(text);
        return kernel_symbol(symbols, "mptcp_pernet_id");
    };
    EXPECT_EQ(
        find("ffffffff81000000 T mptcp_pernet_id_x\nffffffff81000008 b x_mptcp_pernet_id\n"
             "ffffffffb2484aa8 b mptcp_pernet_id\n"),
        0xffffffffb2484aa8U);
    EXPECT_FALSE(find(""));
    EXPECT_FALSE(find("ffffffffb2484aa8 b mptcp_pernet_id\t[module]\n"));
    EXPECT_FALSE(find("zzz b mptcp_pernet_id\n"));
    const auto hidden = find("0000000000000000 b mptcp_pernet_id\n");
    ASSERT_FALSE(hidden);
    EXPECT_NE(hidden.error().message.find("kernel.kptr_restrict"), std::string::npos);
}

} // namespace

} // namespace keeper
