// SPDX-License-Identifier: LGPL-2.1-or-later
// Compares the explained counters with those of the running kernel.
#include "contract/network_namespace.hpp"
#include "model/mptcp_counters.hpp"

namespace keeper::contract {
namespace {

using CountersInKernel = KernelTest;

TEST_F(CountersInKernel, AreAllExplained) {
    const MptcpCounters counters = parse_mptcp_counters(run("cat /proc/net/netstat"));
    EXPECT_GT(counters.size(), 40U);
    for (const auto& [name, value] : counters) {
        EXPECT_NE(meaning_of_counter(name), "") << name;
    }
}

} // namespace
} // namespace keeper::contract
