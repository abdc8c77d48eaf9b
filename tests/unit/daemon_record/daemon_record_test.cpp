// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon_record/daemon_record.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "daemon_record/json.hpp"

namespace keeper {
namespace {

const WallTime repair_time{std::chrono::seconds(1795176000) + std::chrono::microseconds(93885)};

PublishedRepair endpoint_repair() {
    return {
        .number = 6,
        .time = repair_time,
        .resource = Resource::endpoint,
        .key = "192.0.2.1",
        .name = "",
        .before = EndpointValue{"enp1s0", {EndpointFlag::signal}, EndpointId{5}},
        .after = EndpointValue{"", {EndpointFlag::signal, EndpointFlag::subflow}, {}},
        .source = "/etc/mptcp-keeper/config.yaml:4"};
}

PublishedRepair profile_repair() {
    return {
        .number = 7,
        .time = std::nullopt,
        .resource = Resource::profile,
        .key = "uuid-lan",
        .name = "lan one",
        .before = MptcpFlags{},
        .after = MptcpFlags{MptcpFlag::signal, MptcpFlag::also_without_default_route},
        .source = "config.yaml:9"};
}

DaemonRecord full_record() {
    DaemonRecord record;
    record.pid = 812;
    record.start_time = 4711;
    record.mode = ReconcileMode::report;
    record.phase = "backing off";
    record.loads = 3;
    record.fingerprint = "abc";
    record.config_hash = "sha256:01";
    record.load_error = "config.yaml:3: bad \"quote\"";
    record.repairs = 7;
    record.history = {endpoint_repair(), profile_repair()};
    record.conflicts = {
        {.resource = "limit",
         .key = "subflows",
         .rival = "mptcpd (pid 9)",
         .repairs = 4,
         .retry_at = std::chrono::milliseconds(123456)}};
    return record;
}

/// The record of a daemon that publishes this JSON as its history.
Result<DaemonRecord> record_with_history(const std::string& history) {
    return parse_daemon_record(
        R"({"pid":1,"mode":"enforce","phase":"idle","loads":1,"fingerprint":"","load_error":"","repairs":2,)"
        R"("history":)" +
        history + R"(,"conflicts":[]})");
}

TEST(DaemonRecord, ParsesToWhatWasWritten) {
    EXPECT_EQ(parse_daemon_record(daemon_record_json(full_record())), full_record());
    EXPECT_EQ(parse_daemon_record(daemon_record_json({})), DaemonRecord{});
}

TEST(DaemonRecord, KeepsEveryKindOfValue) {
    DaemonRecord record = full_record();
    for (const Value& before : std::vector<Value>{std::string("1"), std::uint32_t{4294967295}, {}}) {
        record.history[0].before = before;
        EXPECT_EQ(parse_daemon_record(daemon_record_json(record)), record);
    }
}

TEST(DaemonRecord, PublishesRepairsAsObjects) {
    const auto json = nlohmann::json::parse(daemon_record_json(full_record()));
    EXPECT_EQ(
        json.at("history").at(0),
        nlohmann::json::parse(
            R"({"number":6,"time":"2026-11-20T12:00:00.093885Z","resource":"endpoint","key":"192.0.2.1",)"
            R"("name":null,"before":{"interface":"enp1s0","flags":["signal"],"id":5},)"
            R"("after":{"interface":null,"flags":["signal","subflow"],"id":null},)"
            R"("source":"/etc/mptcp-keeper/config.yaml:4"})"));
}

TEST(DaemonRecord, AcceptsRecordsOfOlderDaemons) {
    const auto oldest = parse_daemon_record(
        R"({"pid":1,"mode":"enforce","phase":"idle","loads":1,"fingerprint":"","load_error":"","repairs":1,)"
        R"("last_repair":"{}","conflicts":[]})");
    ASSERT_TRUE(oldest);
    EXPECT_EQ(oldest->repairs, 1U);
    EXPECT_TRUE(oldest->history.empty());
    EXPECT_EQ(oldest->config_hash, "");
    // Repairs as strings that contain the JSON object.
    const nlohmann::json strings{json_of(endpoint_repair()).dump(), json_of(profile_repair()).dump()};
    const auto older = record_with_history(strings.dump());
    ASSERT_TRUE(older);
    EXPECT_EQ(older->history, full_record().history);
}

TEST(DaemonRecord, LeavesOutRepairsThatItCannotRead) {
    const std::string good = json_of(profile_repair()).dump();
    const auto record = record_with_history(
        R"(["", "{", "[]", "null", {}, null, 7, {"resource":1}, {"before":1,"after":2}, )" + good + "]");
    ASSERT_TRUE(record);
    EXPECT_EQ(record->history, std::vector<PublishedRepair>{profile_repair()});
}

TEST(DaemonRecord, ToleratesInvalidUtf8) {
    DaemonRecord record;
    record.load_error = "\xff";
    EXPECT_TRUE(parse_daemon_record(daemon_record_json(record)));
}

TEST(DaemonRecord, RefusesOtherTexts) {
    for (const char* text : {"", "{", "[]", "null", "{}", R"({"pid": "x"})"}) {
        EXPECT_FALSE(parse_daemon_record(text)) << text;
    }
    std::string cut = daemon_record_json(full_record());
    cut.resize(cut.size() / 2);
    EXPECT_FALSE(parse_daemon_record(cut));
}

} // namespace
} // namespace keeper
