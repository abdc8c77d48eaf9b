// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/network_manager/settings_variant.hpp"

#include <gtest/gtest.h>

namespace keeper {
namespace {

VariantPtr parse(const char* text) {
    GErrorSlot error;
    VariantPtr value(g_variant_parse(G_VARIANT_TYPE("a{sa{sv}}"), text, nullptr, nullptr, error.out()));
    EXPECT_NE(value, nullptr) << text;
    return value;
}

bool equal(const VariantPtr& left, const VariantPtr& right) {
    return left && right && g_variant_equal(left.get(), right.get()) != FALSE;
}

TEST(WithMptcpFlags, AddsTheFlagsAndKeepsUnknownProperties) {
    const VariantPtr before =
        parse("{'future': {'x': <@as ['y']>}, 'connection': {'id': <'a'>}, 'ipv4': {'method': <'auto'>}}");
    const VariantPtr after = with_mptcp_flags(before.get(), MptcpFlags{MptcpFlag::signal});
    EXPECT_EQ(settings_mptcp_flags(after.get()).raw(), 16U);
    EXPECT_EQ(settings_string(after.get(), "connection", "id"), "a");
    EXPECT_TRUE(equal(with_mptcp_flags(after.get(), {}), before));
}

TEST(WithMptcpFlags, ReplacesTheFlags) {
    const VariantPtr before = parse("{'connection': {'mptcp-flags': <uint32 34>}}");
    EXPECT_TRUE(equal(
        with_mptcp_flags(before.get(), MptcpFlags{MptcpFlag::signal}),
        parse("{'connection': {'mptcp-flags': <uint32 16>}}")));
}

TEST(WithMptcpFlags, DefaultIsLeftOut) {
    const VariantPtr before = parse("{'connection': {'mptcp-flags': <uint32 34>}, 'ipv4': {}}");
    EXPECT_TRUE(equal(with_mptcp_flags(before.get(), {}), parse("{'connection': {}, 'ipv4': {}}")));
}

TEST(SettingsString, IsEmptyIfThePropertyIsMissingOrNotAString) {
    const VariantPtr settings = parse("{'connection': {'id': <7>}}");
    EXPECT_EQ(settings_string(settings.get(), "connection", "id"), "");
    EXPECT_EQ(settings_string(settings.get(), "connection", "uuid"), "");
    EXPECT_EQ(settings_string(settings.get(), "ipv4", "method"), "");
}

TEST(IpMethod, IsNulloptWithoutTheSettingAndAutoWithoutTheProperty) {
    const VariantPtr settings = parse("{'ipv4': {}, 'ipv6': {'method': <'manual'>}}");
    EXPECT_EQ(ip_method(settings.get(), "ipv4"), "auto");
    EXPECT_EQ(ip_method(settings.get(), "ipv6"), "manual");
    EXPECT_EQ(ip_method(parse("{'connection': {}}").get(), "ipv4"), std::nullopt);
}

} // namespace
} // namespace keeper
