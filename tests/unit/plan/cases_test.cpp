// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "config/config.hpp"
#include "support/plan_case_write.hpp"

/// Every folder of tests/data/plan is a case: desired.yaml, observed.json, optionally ownership.json and
/// scope.json, and the expected plan in plan.json. If KEEPER_ACCEPT_PLANS is set, plan.json is written
/// instead of compared, to be reviewed as a diff.
namespace keeper::test {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

Json json_of(const fs::path& file) {
    return fs::exists(file) ? Json::parse(text_of(file)) : Json::object();
}

std::vector<std::string> case_names() {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(fs::path(TEST_DATA_DIR) / "plan")) {
        names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
}

class PlanCase : public ::testing::TestWithParam<std::string> {};

TEST_P(PlanCase, IsAsExpected) {
    const fs::path folder = fs::path(TEST_DATA_DIR) / "plan" / GetParam();
    const LoadedConfig config = parse_config({{"desired.yaml", text_of(folder / "desired.yaml")}});
    ASSERT_TRUE(config.valid()) << config.errors.front().message;
    const Json plan = plan_as_json(make_plan(
        config.desired,
        read_observed(json_of(folder / "observed.json")),
        read_ownership(json_of(folder / "ownership.json")),
        read_scope(json_of(folder / "scope.json"))));
    if (std::getenv("KEEPER_ACCEPT_PLANS") != nullptr) {
        std::ofstream(folder / "plan.json") << plan.dump(2) << "\n";
        GTEST_SKIP() << "plan.json was written, not compared";
    }
    EXPECT_EQ(plan, json_of(folder / "plan.json")) << "the plan is:\n" << plan.dump(2);
}

std::string case_name(const ::testing::TestParamInfo<std::string>& tested) {
    std::string name = tested.param;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(All, PlanCase, ::testing::ValuesIn(case_names()), case_name);

} // namespace
} // namespace keeper::test
