// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "applications/run_means.hpp"

namespace keeper {

namespace {

constexpr const char* no_hook =
    "the program hook, which would reach the program, is not attached: install the package "
    "mptcp-keeper-bpf and declare applications.slices or applications.all";

RunFacts dynamic() {
    RunFacts facts;
    facts.program.path = "/opt/app";
    facts.program.executable.is_known = true;
    facts.program.executable.is_dynamic = true;
    facts.has_library = true;
    return facts;
}

RunFacts fixed() {
    RunFacts facts = dynamic();
    facts.program.executable.is_dynamic = false;
    return facts;
}

RunFacts privileged() {
    RunFacts facts = dynamic();
    facts.program.gains_privileges = true;
    return facts;
}

RunFacts go(const std::string& version) {
    RunFacts facts = fixed();
    facts.program.executable.is_go = true;
    facts.program.executable.go_version = version;
    return facts;
}

RunFacts without_library(RunFacts facts) {
    facts.has_library = false;
    return facts;
}

const RunChoice in_scope{.means = RunMeans::scope, .reason = ""};

TEST(RunMeans, ADynamicProgramIsPreloadedWhateverTheHookDoes) {
    RunFacts unreadable = dynamic();
    unreadable.program.executable = {};
    for (const RunFacts& facts : {dynamic(), unreadable}) {
        EXPECT_FALSE(depends_on_hook(facts));
        for (const HookState hook :
             {HookState::absent, HookState::out_of_reach, HookState::attached, HookState::in_effect}) {
            EXPECT_EQ(choose_means(facts, hook), RunChoice{});
        }
    }
}

TEST(RunMeans, WhatIsNotReachedByVariablesGetsAScope) {
    RunFacts other_class = dynamic();
    other_class.program.executable.is_other_class = true;
    for (const RunFacts& facts :
         {fixed(),
          privileged(),
          other_class,
          go("1.19"),
          go("1.22"),
          go("1.24"),
          go(""),
          without_library(dynamic()),
          without_library(fixed()),
          without_library(go("1.24"))}) {
        EXPECT_TRUE(depends_on_hook(facts));
        EXPECT_EQ(choose_means(facts, HookState::attached), in_scope);
        EXPECT_EQ(choose_means(facts, HookState::in_effect), RunChoice{})
            << "this process is covered already";
    }
}

TEST(RunMeans, WithoutTheHookAWarningSaysWhatTheProgramIs) {
    const std::vector<std::pair<RunFacts, std::string>> cases{
        {fixed(), "/opt/app is statically linked: nothing can be preloaded into it; it runs with TCP; "},
        {privileged(),
         "/opt/app is setuid or setgid or has file capabilities: the loader ignores LD_PRELOAD; it runs with TCP; "},
        {go("1.19"),
         "/opt/app was built with Go 1.19: GODEBUG=multipathtcp=1 requires Go 1.21 or later; it runs with TCP; "},
        {go("1.22.3"),
         "/opt/app was built with Go 1.22.3: GODEBUG=multipathtcp=1 does not concern sockets of net.ListenTCP and "
         "net.DialTCP before Go 1.24; they use TCP; "},
    };
    for (const auto& [facts, reason] : cases) {
        EXPECT_EQ(
            choose_means(facts, HookState::absent),
            (RunChoice{.means = RunMeans::partly, .reason = reason + no_hook}));
        const RunChoice elsewhere = choose_means(facts, HookState::out_of_reach);
        EXPECT_EQ(elsewhere.means, RunMeans::partly);
        EXPECT_EQ(
            elsewhere.reason,
            reason +
                "the program hook of mptcp-keeper-bpf does not act in this container or network namespace: run it "
                "in those of the host");
    }
}

TEST(RunMeans, NewGoNeedsNoHook) {
    for (const RunFacts& facts : {go("1.24.4"), go(""), without_library(go("1.24.4"))}) {
        EXPECT_EQ(choose_means(facts, HookState::absent), RunChoice{});
        EXPECT_EQ(choose_means(facts, HookState::out_of_reach), RunChoice{});
    }
}

TEST(RunMeans, NothingIsStartedWhereNothingIsInstalledThatHelps) {
    const RunChoice no_library = choose_means(without_library(dynamic()), HookState::absent);
    EXPECT_EQ(
        no_library,
        (RunChoice{
            .means = RunMeans::refused,
            .reason =
                "libmptcpwrap is not installed; install the package mptcpize (Debian, Ubuntu) or mptcpd "
                "(Fedora, RHEL)"}));
    EXPECT_EQ(choose_means(without_library(dynamic()), HookState::out_of_reach), no_library);
    for (const RunFacts& facts : {fixed(), privileged(), go("1.19")}) {
        const RunChoice choice = choose_means(without_library(facts), HookState::absent);
        EXPECT_EQ(choice.means, RunMeans::refused);
        EXPECT_NE(choice.reason.find("; it is not started; "), std::string::npos) << choice.reason;
        EXPECT_TRUE(choice.reason.ends_with(no_hook)) << choice.reason;
    }
    EXPECT_EQ(choose_means(without_library(go("1.22")), HookState::absent).means, RunMeans::partly);
}

TEST(RunMeans, AFailedScopeIsReportedWithItsReason) {
    const std::string hook = "the program hook, which would reach the program, is attached, but because";
    EXPECT_EQ(
        choose_without_scope(fixed(), "because"),
        (RunChoice{
            .means = RunMeans::partly,
            .reason = "/opt/app is statically linked: nothing can be preloaded into it; it runs with TCP; " +
                      hook}));
    EXPECT_EQ(
        choose_without_scope(go("1.24.4"), "because").reason,
        "/opt/app was built with Go 1.24.4: GODEBUG=multipathtcp=1 does not concern sockets that it creates in its own "
        "way; they use TCP; " +
            hook);
    EXPECT_EQ(
        choose_without_scope(without_library(dynamic()), "because"),
        (RunChoice{
            .means = RunMeans::refused,
            .reason = "libmptcpwrap is not installed; " + hook +
                      "; install the package mptcpize (Debian, Ubuntu) or mptcpd (Fedora, RHEL)"}));
}

TEST(RunMeans, AScriptIsNamedWithItsInterpreter) {
    RunFacts script = fixed();
    script.program.interpreter = "/bin/busy\nbox";
    EXPECT_TRUE(choose_means(script, HookState::absent)
                    .reason.starts_with("/opt/app, run by /bin/busy\xef\xbf\xbd"
                                        "box, is statically linked"));
}

} // namespace

} // namespace keeper
