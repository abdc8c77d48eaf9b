// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/daemon_message.hpp"

#include <gtest/gtest.h>

#include "model/declaration_mark.hpp"
#include "report/plan_text.hpp"

namespace keeper {
namespace {

TEST(DaemonMessage, RequestsAndRepliesAreReadBack) {
    for (const DaemonRequest& request : {DaemonRequest{}, DaemonRequest{"abc"}}) {
        const auto read = parse_daemon_request(daemon_request_json(request));
        ASSERT_TRUE(read);
        EXPECT_EQ(*read, request);
    }
    for (const ReconcileMode mode : {ReconcileMode::enforce, ReconcileMode::report, ReconcileMode::manual}) {
        const DaemonReply reply{.mode = mode, .fingerprint = "abc", .refusal = "\"no\"\n"};
        const auto read = parse_daemon_reply(daemon_reply_json(reply));
        ASSERT_TRUE(read);
        EXPECT_EQ(*read, reply);
    }
}

TEST(DaemonMessage, AnotherReleasesUnknownKeysAreIgnored) {
    EXPECT_EQ(
        parse_daemon_request(R"({"load": "abc", "try": 1})"), Result<DaemonRequest>(DaemonRequest{"abc"}));
    EXPECT_TRUE(parse_daemon_reply(R"({"mode": "manual", "loaded": "", "refusal": "", "try": {}})"));
}

TEST(DaemonMessage, InvalidTextIsAnError) {
    for (const char* text : {"", "[", "1", R"({"load": 1})"}) {
        EXPECT_FALSE(parse_daemon_request(text)) << text;
    }
    for (const char* text :
         {"", "{}", R"({"mode": "sometimes", "loaded": "", "refusal": ""})", R"({"mode": "manual"})"}) {
        EXPECT_FALSE(parse_daemon_reply(text)) << text;
    }
}

TEST(DeclarationMark, IsReadBackAndOtherTextIsRefused) {
    for (const DeclarationMark& mark :
         {DeclarationMark{.number = 7, .last_used = 9, .fingerprint = "abc"},
          DeclarationMark{.number = 0, .last_used = 1, .fingerprint = ""}}) {
        EXPECT_EQ(parse_declaration_mark(declaration_mark_text(mark)), mark);
    }
    for (const char* text : {"", "7", "9 7 abc", "x 9 abc", "-1 9 abc"}) {
        EXPECT_EQ(parse_declaration_mark(text), std::nullopt) << text;
    }
}

TEST(HandOverText, TheReportShowsThatTheDaemonDidNotTakeItOver) {
    ApplyReport report;
    report.verified = true;
    report.failed = true;
    report.hand_over_failure = "it does not answer";
    const std::string text = apply_text(report, Colour::never);
    EXPECT_NE(text.find("NOT loaded by the running daemon"), std::string::npos) << text;
}

} // namespace
} // namespace keeper
