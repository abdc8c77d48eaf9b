// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/network_manager/settings_message.hpp"

#include <array>
#include <functional>

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "adapters/files/unique_fd.hpp"
#include "adapters/network_manager/system_bus.hpp"

namespace keeper {
namespace {

/// Messages of a bus connection that is never used.
class SettingsMessage : public ::testing::Test {
  protected:
    void SetUp() override {
        std::array<int, 2> pair{};
        ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()), 0);
        other_end_ = UniqueFd(pair[1]);
        ASSERT_GE(sd_bus_new(&bus_), 0);
        ASSERT_GE(sd_bus_set_fd(bus_, pair[0], pair[0]), 0);
        ASSERT_GE(sd_bus_start(bus_), 0);
    }
    void TearDown() override { sd_bus_close_unref(bus_); }

    MessagePtr empty_message() {
        sd_bus_message* message = nullptr;
        EXPECT_GE(sd_bus_message_new_method_call(bus_, &message, "a.b", "/", "a.b", "C"), 0);
        return MessagePtr(message);
    }
    /// The message, readable from its beginning.
    static MessagePtr sealed(MessagePtr message) {
        EXPECT_GE(sd_bus_message_seal(message.get(), 1, 0), 0);
        EXPECT_GE(sd_bus_message_rewind(message.get(), 1), 0);
        return message;
    }
    /// With id, an optional mptcp-flags, a property and a setting that this program does not know, and the
    /// method of ipv6.
    MessagePtr settings(std::optional<std::uint32_t> flags) {
        MessagePtr message = empty_message();
        sd_bus_message* const m = message.get();
        sd_bus_message_open_container(m, 'a', "{sa{sv}}");
        sd_bus_message_append(m, "{sa{sv}}", "future", 1, "x", "as", 1, "y");
        sd_bus_message_open_container(m, 'e', "sa{sv}");
        sd_bus_message_append(m, "s", "connection");
        sd_bus_message_open_container(m, 'a', "{sv}");
        sd_bus_message_append(m, "{sv}", "id", "s", "wan");
        sd_bus_message_append(m, "{sv}", "new-property", "t", std::uint64_t{7});
        if (flags) {
            sd_bus_message_append(m, "{sv}", "mptcp-flags", "u", *flags);
        }
        sd_bus_message_close_container(m);
        sd_bus_message_close_container(m);
        sd_bus_message_append(m, "{sa{sv}}", "ipv4", 0);
        sd_bus_message_append(m, "{sa{sv}}", "ipv6", 1, "method", "s", "manual");
        sd_bus_message_close_container(m);
        return sealed(std::move(message));
    }
    MessagePtr copy(const MessagePtr& from, MptcpFlags flags) {
        MessagePtr message = empty_message();
        EXPECT_TRUE(copy_settings(message.get(), from.get(), flags));
        return sealed(std::move(message));
    }
    /// What sd-bus prints about the content.
    static std::string dump(const MessagePtr& message) {
        char* text = nullptr;
        std::size_t size = 0;
        std::FILE* const memory = ::open_memstream(&text, &size);
        EXPECT_GE(sd_bus_message_rewind(message.get(), 1), 0);
        EXPECT_GE(sd_bus_message_dump(message.get(), memory, SD_BUS_MESSAGE_DUMP_SUBTREE_ONLY), 0);
        std::fclose(memory);
        std::string result(text, size);
        std::free(text);
        return result;
    }

    sd_bus* bus_ = nullptr;
    UniqueFd other_end_;
};

TEST_F(SettingsMessage, AreReadWithTheirDefaults) {
    const auto read = read_settings(settings(std::nullopt).get());
    ASSERT_TRUE(read);
    EXPECT_EQ(read->id, "wan");
    EXPECT_EQ(read->uuid, "");
    EXPECT_EQ(read->mptcp_flags, MptcpFlags{});
    EXPECT_EQ(read->ipv4_method, "auto") << "the setting without the property";
    EXPECT_EQ(read->ipv6_method, "manual");
}

TEST_F(SettingsMessage, WithoutASettingThereIsNoMethod) {
    MessagePtr message = empty_message();
    sd_bus_message_append(message.get(), "a{sa{sv}}", 1, "connection", 0);
    const auto read = read_settings(sealed(std::move(message)).get());
    ASSERT_TRUE(read);
    EXPECT_EQ(read->ipv4_method, std::nullopt);
}

TEST_F(SettingsMessage, APropertyOfAnotherTypeCountsAsMissing) {
    MessagePtr message = empty_message();
    sd_bus_message_append(
        message.get(), "a{sa{sv}}", 1, "connection", 2, "id", "u", 7U, "mptcp-flags", "s", "x");
    const auto read = read_settings(sealed(std::move(message)).get());
    ASSERT_TRUE(read);
    EXPECT_EQ(read->id, "");
    EXPECT_EQ(read->mptcp_flags, MptcpFlags{});
}

TEST_F(SettingsMessage, AnotherContentIsNoSettings) {
    MessagePtr message = empty_message();
    sd_bus_message_append(message.get(), "s", "settings");
    EXPECT_FALSE(read_settings(sealed(std::move(message)).get()));
}

TEST_F(SettingsMessage, ACopyHasTheFlagsAndEverythingUnknown) {
    const MptcpFlags flags{MptcpFlag::signal};
    EXPECT_EQ(dump(copy(settings(std::nullopt), flags)), dump(settings(16)));
    EXPECT_EQ(dump(copy(settings(34), flags)), dump(settings(16)));
}

TEST_F(SettingsMessage, FlagsZeroAreLeftOutOfACopy) {
    EXPECT_EQ(dump(copy(settings(34), {})), dump(settings(std::nullopt)));
}

} // namespace
} // namespace keeper
