#include "model/daemon_record.hpp"

#include <gtest/gtest.h>

namespace keeper {
namespace {

DaemonRecord full_record() {
    DaemonRecord record;
    record.pid = 812;
    record.mode = ReconcileMode::report;
    record.phase = "backing off";
    record.loads = 3;
    record.fingerprint = "abc";
    record.load_error = "config.yaml:3: bad \"quote\"";
    record.repairs = 7;
    record.history = {R"({"number":6,"key":"enabled"})", R"({"number":7,"key":"subflows"})"};
    record.conflicts = {{"limit", "subflows", "mptcpd (pid 9)", 4, std::chrono::milliseconds(123456)}};
    return record;
}

TEST(DaemonRecord, IsReadAsItWasWritten) {
    EXPECT_EQ(parse_daemon_record(daemon_record_json(full_record())), full_record());
    EXPECT_EQ(parse_daemon_record(daemon_record_json({})), DaemonRecord{});
}

TEST(DaemonRecord, IsThatOfAnOlderDaemonToo) {
    const auto record = parse_daemon_record(
        R"({"pid":1,"mode":"enforce","phase":"idle","loads":1,"fingerprint":"","load_error":"","repairs":1,)"
        R"("last_repair":"{}","conflicts":[]})");
    ASSERT_TRUE(record);
    EXPECT_EQ(record->repairs, 1U);
    EXPECT_TRUE(record->history.empty());
}

TEST(DaemonRecord, ToleratesWhatIsNoText) {
    DaemonRecord record;
    record.load_error = "\xff";
    EXPECT_TRUE(parse_daemon_record(daemon_record_json(record)));
}

TEST(DaemonRecord, RefusesWhatIsNoRecord) {
    for (const char* text : {"", "{", "[]", "null", "{}", R"({"pid": "x"})"}) {
        EXPECT_FALSE(parse_daemon_record(text)) << text;
    }
    std::string cut = daemon_record_json(full_record());
    cut.resize(cut.size() / 2);
    EXPECT_FALSE(parse_daemon_record(cut));
}

} // namespace
} // namespace keeper
