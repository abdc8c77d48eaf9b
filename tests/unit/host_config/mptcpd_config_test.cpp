// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "host_config/mptcpd_config.hpp"

namespace keeper {
namespace {

TEST(MptcpdConfig, IgnoresCommentsAndUnknownFlags) {
    const std::string text =
        "[core]\n# addr-flags=signal\naddr-flags = subflow, fullmesh,nonsense\nlog=stderr\n";
    EXPECT_EQ(mptcpd_setting(text, "log"), "stderr");
    EXPECT_EQ(mptcpd_setting(text, "path-manager"), "");
    EXPECT_EQ(mptcpd_endpoint_flags(text), (EndpointFlags{EndpointFlag::subflow, EndpointFlag::fullmesh}));
    EXPECT_EQ(mptcpd_endpoint_flags(""), EndpointFlags{});
}

} // namespace
} // namespace keeper
