#include <gtest/gtest.h>

#include "doctor_fixture.hpp"

namespace keeper {
namespace {

ProbeFact fallen_back() {
    ProbeFact probe;
    probe.target = "server:5201";
    probe.address = "192.0.2.9";
    probe.connected = true;
    probe.fallback = true;
    probe.packets_seen = true;
    probe.syn_with_option = 1;
    probe.synack_seen = true;
    probe.counters = {{"MPCapableSYNTX", 1}};
    return probe;
}

LostAt lost_at(const ProbeFact& probe) {
    return rules::judge(probe).lost_at;
}

TEST(DoctorProbe, TellsWhereTheOptionWasLost) {
    ProbeFact probe = fallen_back();
    EXPECT_EQ(lost_at(probe), LostAt::peer);
    probe.synack_padded = true;
    EXPECT_EQ(lost_at(probe), LostAt::path);
    probe = fallen_back();
    probe.synack_with_option = true;
    EXPECT_EQ(lost_at(probe), LostAt::this_host);
    probe.counters["MPCapableSYNACKRX"] = 1;
    EXPECT_EQ(lost_at(probe), LostAt::path);
    probe = fallen_back();
    probe.syn_with_option = 0;
    probe.syn_without_option = 1;
    EXPECT_EQ(lost_at(probe), LostAt::this_host);
    probe.syn_with_option = 3;
    EXPECT_EQ(lost_at(probe), LostAt::path);
}

TEST(DoctorProbe, WithoutPacketsSaysWhatCountersTell) {
    ProbeFact probe = fallen_back();
    probe.packets_seen = false;
    EXPECT_EQ(lost_at(probe), LostAt::unknown);
    probe.counters["MPCapableSYNTXDrop"] = 1;
    EXPECT_EQ(lost_at(probe), LostAt::path);
    probe.counters.clear();
    EXPECT_EQ(lost_at(probe), LostAt::this_host);
}

TEST(DoctorProbe, FindsNothingWhereItIsMptcp) {
    Facts facts = doctor_test::healthy_facts();
    facts.probe = fallen_back();
    EXPECT_EQ(rules::probe(facts).size(), 1U);
    facts.probe->fallback = false;
    EXPECT_TRUE(rules::probe(facts).empty());
    EXPECT_EQ(diagnose(facts).probe->lost_at, LostAt::nowhere);
}

TEST(DoctorProbe, IsNoFindingWithoutAConnection) {
    Facts facts = doctor_test::healthy_facts();
    facts.probe = ProbeFact{};
    EXPECT_TRUE(rules::probe(facts).empty());
    EXPECT_EQ(diagnose(facts).probe->lost_at, LostAt::unknown);
}

} // namespace
} // namespace keeper
