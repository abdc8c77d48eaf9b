// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/doctor_cases.hpp"

namespace keeper::doctor_test {
namespace {

constexpr const char* command = "$(id)"; // what a shell would run
const std::string hostile = std::string("x;'") + command;

/// The text without what a shell takes literally: single-quoted parts and comments.
std::string as_shell_code(const std::string& fix) {
    std::string code;
    bool is_quoted = false;
    bool is_comment = false;
    for (std::size_t i = 0; i < fix.size(); ++i) {
        const char letter = fix[i];
        if (is_comment) {
            is_comment = letter != '\n';
        } else if (is_quoted) {
            is_quoted = letter != '\'';
        } else if (letter == '\\') {
            ++i;
        } else if (letter == '\'') {
            is_quoted = true;
        } else if (letter == '#' && (i == 0 || fix[i - 1] == ' ' || fix[i - 1] == '\n')) {
            is_comment = true;
        } else {
            code += letter;
        }
    }
    return code;
}

bool is_yaml(const std::string& fix) {
    for (const char* section : {"sysctl:", "limits:", "profiles:", "endpoints:", "applications:"}) {
        if (fix.starts_with(section)) {
            return true;
        }
    }
    return false;
}

void rename_everything(Facts& facts) {
    const std::map<std::string, int> before = facts.rp_filter;
    facts.rp_filter.clear();
    for (const auto& [name, value] : before) {
        facts.rp_filter[name == "all" ? name : name + hostile] = value;
    }
    if (facts.host.links) {
        for (Link& link : *facts.host.links) {
            link.name += hostile;
        }
    }
    for (Program& program : facts.programs) {
        program.executable += hostile;
        program.unit = program.unit.empty() ? "" : hostile + program.unit;
        program.name += hostile;
    }
    for (HostFile& file : facts.sysctl_files) {
        file.path += hostile;
    }
}

/// Names of interfaces, units and executables are chosen by others, some of them by unprivileged users.
TEST(DoctorHostileNames, NeverBecomeCodeInAProposedCommand) {
    std::size_t named = 0;
    for (const RuleCase& one : all_cases()) {
        Facts facts = healthy_facts();
        one.change(facts);
        rename_everything(facts);
        for (const Finding& finding : diagnose(facts).findings) {
            if (is_yaml(finding.fix)) {
                continue;
            }
            named += finding.fix.find(command) != std::string::npos ? 1 : 0;
            EXPECT_EQ(as_shell_code(finding.fix).find(command), std::string::npos)
                << to_string(finding.code) << ": " << finding.fix;
        }
    }
    EXPECT_GT(named, 5U);
}

} // namespace
} // namespace keeper::doctor_test
