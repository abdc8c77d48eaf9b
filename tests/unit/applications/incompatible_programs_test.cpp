// SPDX-License-Identifier: LGPL-2.1-or-later
#include "applications/incompatible_programs.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace keeper {
namespace {

std::string incompatible_name_of(const std::string& unit, std::string_view executable = "") {
    const IncompatibleProgram* program = find_incompatible_program(unit, executable);
    return program == nullptr ? "" : std::string(program->name);
}

bool is_known_to_break(const std::string& glob) {
    const std::vector<std::string> globs = units_known_to_break();
    return std::find(globs.begin(), globs.end(), glob) != globs.end();
}

TEST(IncompatiblePrograms, AreFoundByUnitInstanceAndExecutable) {
    EXPECT_EQ(incompatible_name_of("bird.service"), "BIRD");
    EXPECT_EQ(incompatible_name_of("bird@core.service"), "BIRD");
    EXPECT_EQ(incompatible_name_of("router.service", "/usr/sbin/bird"), "BIRD");
    EXPECT_EQ(incompatible_name_of("router.service", "gobgpd"), "GoBGP");
    EXPECT_EQ(incompatible_name_of("birdhouse.service", "/usr/bin/birdhouse"), "");
    EXPECT_EQ(incompatible_name_of("web.service"), "");
}

TEST(IncompatiblePrograms, TheUnitDecidesBeforeTheExecutable) {
    EXPECT_EQ(incompatible_name_of("frr.service", "/usr/lib/frr/bgpd"), "FRRouting");
    EXPECT_EQ(incompatible_name_of("openbgpd.service", "/usr/sbin/bgpd"), "OpenBGPD");
    EXPECT_EQ(incompatible_name_of("routing.service", "bgpd"), "FRRouting or OpenBGPD");
}

TEST(IncompatiblePrograms, AnInterpreterIsNoProgramOfTheTable) {
    EXPECT_EQ(incompatible_name_of("exabgp.service", "/usr/bin/python3"), "ExaBGP");
    EXPECT_EQ(incompatible_name_of("web.service", "/usr/bin/python3"), "");
}

TEST(IncompatiblePrograms, OnlyThoseThatDoNotWorkAreExcludedFromAllPrograms) {
    EXPECT_TRUE(is_known_to_break("bird@*.service"));
    EXPECT_TRUE(is_known_to_break("frr.service"));
    EXPECT_TRUE(is_known_to_break("etcd.service"));
    EXPECT_TRUE(is_known_to_break("gobgpd.service"));
    EXPECT_FALSE(is_known_to_break("nginx.service"));
    EXPECT_FALSE(is_known_to_break("postgresql.service"));
    EXPECT_FALSE(is_known_to_break("haproxy.service"));
}

TEST(IncompatiblePrograms, AreDescribedByOptionConditionAndConsequence) {
    EXPECT_EQ(
        describe(*find_incompatible_program("gobgpd.service")),
        "GoBGP uses TCP_MD5SIG for sessions with a password, which MPTCP sockets refuse: these sessions are "
        "not established");
    EXPECT_EQ(
        describe(*find_incompatible_program("derper.service")),
        "Tailscale's derper uses TCP_USER_TIMEOUT, which MPTCP sockets refuse: it cannot open its sockets");
}

} // namespace
} // namespace keeper
