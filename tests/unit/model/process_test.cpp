// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "model/process.hpp"

namespace keeper {
namespace {

TEST(Process, IsDescribedByNamePidAndUnit) {
    ObservedProcess process;
    process.pid = 1234;
    process.name = "nginx";
    EXPECT_EQ(describe(process), "nginx (pid 1234)");
    process.unit = "nginx.service";
    EXPECT_EQ(describe(process), "nginx (pid 1234, nginx.service)");
    EXPECT_EQ(describe_process("mptcpd", 7), "mptcpd (pid 7)");
}

} // namespace
} // namespace keeper
