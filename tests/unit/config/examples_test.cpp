// SPDX-License-Identifier: LGPL-2.1-or-later
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "support/config_support.hpp"

namespace keeper {
namespace {

LoadedConfig example(const std::string& name) {
    const std::string path = std::string(EXAMPLES_DIR) + "/" + name;
    std::ifstream file(path, std::ios::binary);
    EXPECT_TRUE(file) << path;
    return parse_config({{path, std::string(std::istreambuf_iterator<char>(file), {})}});
}

TEST(ConfigExamples, EachOneIsValidAndGivesNoWarning) {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(EXAMPLES_DIR)) {
        if (entry.path().extension() == ".yaml") {
            names.insert(entry.path().filename());
        }
    }
    EXPECT_EQ(
        names,
        (std::set<std::string>{"laptop.yaml", "mptcp-off.yaml", "rhel-client.yaml", "rhel-server.yaml"}));
    for (const std::string& name : names) {
        SCOPED_TRACE(name);
        const LoadedConfig config = example(name);
        EXPECT_EQ(printed(config.errors), std::vector<std::string>{});
        EXPECT_EQ(printed(config.warnings), std::vector<std::string>{});
    }
}

TEST(ConfigExamples, ServerAnnouncesItsThreeInterfaces) {
    const DesiredState desired = example("rhel-server.yaml").desired;
    EXPECT_EQ(desired.sysctls.at("enabled").value, "1");
    EXPECT_EQ(desired.subflows->value, 3U);
    EXPECT_EQ(desired.add_addr_accepted->value, 2U);
    ASSERT_EQ(desired.profiles.size(), 1U);
    EXPECT_EQ(desired.profiles[0].match.interfaces, (std::vector<std::string>{"enp4s0", "enp1s0", "enp7s0"}));
    EXPECT_EQ(
        desired.profiles[0].flags, (MptcpFlags{MptcpFlag::signal, MptcpFlag::also_without_default_route}));
}

} // namespace
} // namespace keeper
