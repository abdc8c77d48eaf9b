// SPDX-License-Identifier: LGPL-2.1-or-later
#include "applications/native_programs.hpp"

#include <gtest/gtest.h>

namespace keeper {
namespace {

TEST(NativePrograms, AreFoundByTheNameOfTheirExecutable) {
    EXPECT_EQ(find_native_program("/usr/sbin/haproxy")->option, "bind mptcp@:443");
    EXPECT_EQ(find_native_program("qemu-system-x86")->name, "QEMU");
    EXPECT_EQ(find_native_program("[TS_MAIN]")->name, "Apache Traffic Server");
    EXPECT_EQ(find_native_program("/usr/bin/python3"), nullptr);
    EXPECT_EQ(find_native_program("/usr/bin/M"), nullptr) << "[TS_MAIN] is no glob";
    EXPECT_EQ(find_native_program(""), nullptr);
}

TEST(NativePrograms, AreDescribedWithTheFirstVersion) {
    EXPECT_EQ(
        describe_native_option("/usr/bin/iperf3"),
        "iperf3 has an option of its own, which is better than any hook: from 3.19, `--mptcp`");
    EXPECT_EQ(describe_native_option("/usr/bin/python3"), "");
}

} // namespace
} // namespace keeper
