// SPDX-License-Identifier: LGPL-2.1-or-later
#include "doctor/explanation.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>

#include <gtest/gtest.h>

#include "base/text/join.hpp"
#include "base/text/lines.hpp"
#include "support/doctor_cases.hpp"

/// KEEPER_ACCEPT_FINDINGS=1 writes docs/findings.md instead of comparing it.
namespace keeper {
namespace {

const std::string findings_page = std::string(EXAMPLES_DIR) + "/../docs/findings.md";

TEST(Explanation, FindingsPageIsUpToDate) {
    if (std::getenv("KEEPER_ACCEPT_FINDINGS") != nullptr) {
        std::ofstream(findings_page, std::ios::binary) << findings_markdown();
    }
    std::ifstream file(findings_page, std::ios::binary);
    const std::string page(std::istreambuf_iterator<char>(file), {});
    EXPECT_EQ(page, findings_markdown()) << "write it with KEEPER_ACCEPT_FINDINGS=1";
}

TEST(Explanation, NoLineIsTooLong) {
    const auto expect_lines_within = [](std::string_view text, std::size_t width) {
        while (!text.empty()) {
            const std::string_view line = take_line(text);
            EXPECT_LE(line.size(), width) << line;
            EXPECT_FALSE(line.ends_with(' ')) << line;
        }
    };
    for (const std::string& code : explained_codes()) {
        expect_lines_within(explanation_text(code).value(), 80);
    }
    expect_lines_within(findings_markdown(), 120);
}

TEST(Explanation, TextHasAllParts) {
    const std::string text = explanation_text("RP_FILTER_STRICT").value();
    EXPECT_TRUE(text.starts_with("RP_FILTER_STRICT\n\nMeaning\n  ")) << text;
    for (const char* part : {"\n\nDetection\n  ", "\n\nFix\n  ", "\n\nExample\n  warning\n"}) {
        EXPECT_NE(text.find(part), std::string::npos) << text;
    }
}

TEST(Explanation, EveryCodeIsListedAndNoOtherNameIsAccepted) {
    const std::vector<std::string> codes = explained_codes();
    EXPECT_EQ(std::set<std::string>(codes.begin(), codes.end()).size(), finding_codes.size());
    for (const FindingCode code : finding_codes) {
        EXPECT_EQ(parse_finding_code(to_string(code)), code);
        EXPECT_EQ(explanation_of(code).code, code);
    }
    for (const char* name : {"", "NO_SUCH_CODE", "rp_filter_strict", "RP_FILTER_STRICT "}) {
        EXPECT_EQ(explanation_text(name), std::nullopt) << name;
    }
}

/// The words of a finding as doctor prints it, without the layout.
std::string words_as_printed(const Finding& finding) {
    std::string text = std::string(to_string(finding.severity)) + " " + std::string(to_string(finding.code)) +
                       " " + finding.subject + " " + finding.evidence;
    for (std::string_view fix = finding.fix; !fix.empty();) {
        text.append(" > ").append(take_line(fix));
    }
    const std::vector<std::string_view> words = words_of(text);
    return joined({words.begin(), words.end()}, " ");
}

TEST(Explanation, ExamplesAreWhatTheRulesReport) {
    std::set<std::string> reported;
    for (const doctor_test::RuleCase& one : doctor_test::all_cases()) {
        Facts facts = doctor_test::healthy_facts();
        one.change(facts);
        for (const Finding& finding : diagnose(facts).findings) {
            reported.insert(words_as_printed(finding));
        }
    }
    for (const FindingCode code : finding_codes) {
        const std::vector<std::string_view> words = words_of(explanation_of(code).example);
        EXPECT_TRUE(reported.contains(joined({words.begin(), words.end()}, " "))) << to_string(code);
    }
}

} // namespace
} // namespace keeper
