// SPDX-License-Identifier: LGPL-2.1-or-later
#include <nlohmann/json.hpp>

#include "model/sysctl_table.hpp"
#include "support/config_support.hpp"

namespace keeper {
namespace {

using Json = nlohmann::ordered_json;

TEST(ConfigSchema, IsTheSchemaOfTheWholeFile) {
    const Json schema = Json::parse(config_schema());
    EXPECT_EQ(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    std::vector<std::string> keys;
    for (const auto& [key, value] : schema["properties"].items()) {
        keys.push_back(key);
    }
    EXPECT_EQ(
        keys,
        (std::vector<std::string>{
            "version", "sysctl", "limits", "profiles", "endpoints", "applications", "metrics", "reconcile"}));
}

/// Every object is closed and every value is described.
void expect_closed(const Json& schema, const std::string& pointer) {
    SCOPED_TRACE(pointer);
    if (schema.contains("properties")) {
        EXPECT_EQ(schema["additionalProperties"], false);
        for (const auto& [key, value] : schema["properties"].items()) {
            EXPECT_TRUE(value.contains("description") || value.contains("$ref")) << key;
            expect_closed(value, pointer + "/" + key);
        }
    }
    if (schema.contains("items")) {
        expect_closed(schema["items"], pointer + "/items");
    }
}

TEST(ConfigSchema, LeavesNoRoomForUnknownKeys) {
    expect_closed(Json::parse(config_schema()), "#");
}

TEST(ConfigSchema, KnowsEverySysctlThatCanBeSet) {
    const Json schema = Json::parse(config_schema());
    const Json& properties = schema["properties"]["sysctl"]["properties"];
    for (const SysctlSpec& sysctl : known_sysctls()) {
        const std::string name(sysctl.name);
        EXPECT_EQ(properties.contains(name), !sysctl.read_only) << name;
        if (!sysctl.read_only) {
            EXPECT_EQ(properties["net.mptcp." + name]["$ref"], "#/properties/sysctl/properties/" + name);
        }
    }
}

TEST(ConfigSchema, HasRangesAndChoices) {
    const Json schema = Json::parse(config_schema());
    const Json& endpoint = schema["properties"]["endpoints"]["items"];
    EXPECT_EQ(endpoint["required"], Json({"address"}));
    EXPECT_EQ(endpoint["properties"]["id"]["minimum"], 1);
    EXPECT_EQ(endpoint["properties"]["id"]["maximum"], 255);
    const Json& rule = schema["properties"]["profiles"]["items"];
    EXPECT_EQ(rule["required"], Json({"match", "mptcp-flags"}));
    EXPECT_EQ(rule["properties"]["activation"]["enum"], Json({"auto", "reapply", "defer"}));
    EXPECT_EQ(schema["properties"]["limits"]["type"], Json({"object", "null"}));
}

} // namespace
} // namespace keeper
