// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/metrics_text.hpp"

#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/status_fixture.hpp"

namespace keeper {
namespace {

using namespace status_fixture;

HostMetrics metrics_of_host() {
    HostMetrics metrics;
    metrics.version = "1.2.3";
    metrics.config_hash = "sha256:01";
    metrics.in_sync = false;
    metrics.repairs = std::map<Resource, std::uint64_t>{{Resource::limit, 7}};
    metrics.conflicts = {{Resource::limit, 2}};
    metrics.last_apply =
        RoundResult{.time = WallTime(std::chrono::milliseconds(1795176000093)), .success = true};
    metrics.last_check = WallTime(std::chrono::seconds(1795176001));
    metrics.counters = MptcpCounters{{"MPCapableSYNRX", 4}, {"MPCurrEstab", 3}};
    add_host(metrics, declaration(), host(), record(), plan_for_it());
    return metrics;
}

bool contains(const std::string& text, const std::string& line) {
    return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST(MetricsText, ShowsEveryMetricWithItsHelpAndType) {
    const std::string text = metrics_text(metrics_of_host());
    for (const char* line : {
             "# HELP mptcp_keeper_build_info The version of mptcp-keeper.",
             "# TYPE mptcp_keeper_build_info gauge",
             "mptcp_keeper_build_info{version=\"1.2.3\"} 1",
             "mptcp_keeper_config_info{hash=\"sha256:01\",version=\"1\"} 1",
             "mptcp_keeper_config_loaded 1",
             "mptcp_keeper_config_valid 1",
             "mptcp_keeper_in_sync 0",
             "# TYPE mptcp_keeper_repairs_total counter",
             "mptcp_keeper_repairs_total{resource=\"sysctl\"} 0",
             "mptcp_keeper_repairs_total{resource=\"limit\"} 7",
             "mptcp_keeper_conflicts{resource=\"limit\"} 2",
             "mptcp_keeper_war{resource=\"limit\"} 1",
             "mptcp_keeper_war{resource=\"program-hook\"} 0",
             "mptcp_keeper_last_apply_timestamp_seconds 1795176000.093",
             "mptcp_keeper_last_apply_success 1",
             "mptcp_keeper_last_check_timestamp_seconds 1795176001.000",
             "mptcp_keeper_limit{name=\"subflows\"} 2",
             "mptcp_keeper_limit{name=\"add_addr_accepted\"} 0",
             "mptcp_keeper_endpoints{owner=\"keeper\",flag=\"signal\"} 1",
             "mptcp_keeper_endpoints{owner=\"network-manager\",flag=\"subflow\"} 1",
             "mptcp_keeper_endpoints{owner=\"other\",flag=\"subflow\"} 1",
             "mptcp_keeper_endpoints{owner=\"other\",flag=\"signal\"} 0",
             "mptcp_keeper_connections 2",
             "mptcp_keeper_subflows{state=\"established\"} 0",
             "mptcp_keeper_subflows{state=\"close\"} 4",
             "mptcp_keeper_fallbacks 1",
             "mptcp_keeper_try_pending 0",
             "mptcp_keeper_mptcpext_total{counter=\"MPCapableSYNRX\"} 4",
             "mptcp_keeper_mptcpext_current_established 3",
         }) {
        EXPECT_TRUE(contains(text, line)) << line << "\nis missing in\n" << text;
    }
}

TEST(MetricsText, LeavesOutWhatIsNotKnown) {
    HostMetrics metrics;
    metrics.version = "1.2.3";
    metrics.try_pending = true;
    const std::string text = metrics_text(metrics);
    EXPECT_TRUE(contains(text, "mptcp_keeper_try_pending 1"));
    for (const char* name :
         {"in_sync",
          "config_info",
          "repairs_total",
          "last_apply",
          "last_check",
          "limit{",
          "endpoints",
          "connections",
          "subflows",
          "fallbacks",
          "mptcpext"}) {
        EXPECT_EQ(text.find("mptcp_keeper_" + std::string(name)), std::string::npos) << name;
    }
}

TEST(MetricsText, HasNoCountersOfAKernelWithoutThem) {
    HostMetrics metrics;
    metrics.counters = MptcpCounters{};
    EXPECT_EQ(metrics_text(metrics).find("mptcpext"), std::string::npos);
}

TEST(MetricsText, EscapesLabels) {
    EXPECT_EQ(label_value("a"), R"("a")");
    EXPECT_EQ(label_value("a\\b\"c\nd"), R"("a\\b\"c\nd")");
    EXPECT_EQ(label_value("\xff"), "\"\xef\xbf\xbd\"");
}

TEST(MetricsText, HasTheSameValuesAsTheJsonDocument) {
    const HostMetrics metrics = metrics_of_host();
    const auto document = nlohmann::json::parse(metrics_json(metrics));
    std::size_t samples = 0;
    for (const auto& family : document.at("metrics")) {
        samples += family.at("samples").size();
        EXPECT_EQ(family.at("name").get<std::string>().rfind("mptcp_keeper_", 0), 0U);
    }
    const std::string text = metrics_text(metrics);
    const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    EXPECT_EQ(lines, samples + 2 * document.at("metrics").size());
}

TEST(HostMetrics, TakesTheConfigurationThatIsInForceFromTheDaemon) {
    HostMetrics metrics;
    metrics.config_hash = "sha256:disk";
    DaemonRecord record;
    add_daemon(metrics, record);
    EXPECT_EQ(metrics.config_hash, "sha256:disk") << "a daemon of an older release publishes none";
    EXPECT_EQ(metrics.repairs, std::nullopt);
    record.config_hash = "sha256:loaded";
    record.load_error = "config.yaml:1: bad";
    record.repairs_of = std::map<Resource, std::uint64_t>{{Resource::sysctl, 1}};
    record.conflicts = {
        {.resource = "limit", .key = "subflows", .rival = ""}, {.resource = "new", .key = "", .rival = ""}};
    add_daemon(metrics, record);
    EXPECT_EQ(metrics.config_hash, "sha256:loaded");
    EXPECT_FALSE(metrics.config_valid);
    EXPECT_EQ(metrics.repairs, record.repairs_of);
    EXPECT_EQ(metrics.conflicts, (std::map<Resource, std::size_t>{{Resource::limit, 1}}));
}

} // namespace
} // namespace keeper
