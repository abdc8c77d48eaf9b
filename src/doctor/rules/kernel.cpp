// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <cstdlib>

#include "base/text/join.hpp"
#include "base/text/shell_word.hpp"
#include "doctor/declaration.hpp"
#include "doctor/profile_endpoints.hpp"
#include "doctor/rules/rules.hpp"
#include "host_config/host_settings.hpp"
#include "model/sysctl_table.hpp"

namespace keeper::rules {

namespace {

std::string location(const SysctlLine& line) {
    return line.file + ":" + std::to_string(line.line);
}

/// The upstream name of an out-of-tree sysctl ("enabled" for "mptcp_enabled"); "" if upstream has none with
/// the same values.
std::string upstream_name(const SysctlLine& line) {
    const std::string bare = line.name.substr(std::string("mptcp_").size());
    const std::string upstream = bare == "checksum" ? "checksum_enabled" : bare;
    const SysctlSpec* known = find_sysctl(upstream);
    const bool fits =
        known != nullptr && known->type == SysctlType::boolean && (line.value == "0" || line.value == "1");
    return fits ? upstream : "";
}

/// An extended regular expression for the lines of sysctl.d that set the sysctl: a leading "-" and slashes
/// instead of dots are allowed there (sysctl.d(5)).
std::string lines_that_set(const std::string& name) {
    return R"(^([[:space:]]*-?net[./]mptcp[./]))" + name + R"(([[:space:]]*=))";
}

/// The value as a number in C notation, as the kernel reads it: 0x1 is 1.
std::optional<long> number_of(const std::string& value) {
    char* end = nullptr;
    const long number = std::strtol(value.c_str(), &end, 0);
    return value.empty() || *end != '\0' ? std::nullopt : std::optional(number);
}

bool is_same_value(const std::string& a, const std::string& b) {
    return a == b || (number_of(a) && number_of(a) == number_of(b));
}

void check_names(const Facts& facts, const std::vector<SysctlLine>& lines, Findings& findings) {
    for (const SysctlLine& line : lines) {
        if (!line.name.starts_with("mptcp_")) {
            continue;
        }
        const std::string upstream = upstream_name(line);
        const bool may_stay = !upstream.empty() && declared_sysctl(facts, upstream) == nullptr;
        findings.push_back(
            {.code = FindingCode::wrong_sysctl_name,
             .severity = Severity::warning,
             .subject = "net.mptcp." + line.name,
             .evidence =
                 location(line) + " sets net.mptcp." + line.name +
                 ", a name from the out-of-tree MPTCP kernel: upstream Linux has no such sysctl and ignores it",
             .fix = "sed -i -E " +
                    shell_quoted(
                        may_stay ? "s," + lines_that_set(line.name) + R"(,\1)" + upstream + R"(\2,)"
                                 : "\\," + lines_that_set(line.name) + ",d") +
                    " " + shell_word(line.file)});
    }
}

void check_overrides(const DesiredState& desired, const std::vector<SysctlLine>& lines, Findings& findings) {
    std::map<std::string, const SysctlLine*> last;
    for (const SysctlLine& line : lines) {
        last[line.name] = &line;
    }
    for (const auto& [name, line] : last) {
        const auto declared = desired.sysctls.find(name);
        if (declared == desired.sysctls.end() || is_same_value(declared->second.value, line->value)) {
            continue;
        }
        findings.push_back(
            {.code = FindingCode::sysctl_overridden,
             .severity = Severity::warning,
             .subject = "net.mptcp." + name,
             .evidence = location(*line) + " sets it to " + line->value + " at boot, but " +
                         to_string(declared->second.source) + " declares " + declared->second.value,
             .fix = "sed -i -E " + shell_quoted("\\," + lines_that_set(name) + ",d") + " " +
                    shell_word(line->file)});
    }
}

std::string mptcp_programs(const Facts& facts) {
    std::vector<std::string> programs;
    for (const Program& program : facts.programs) {
        if (program.same_network && (program.mptcp_sockets > 0 || program.has_preload)) {
            programs.push_back(describe(program));
        }
    }
    return joined(programs, ", ");
}

void check_disabling(const Facts& facts, Findings& findings) {
    const auto declared = declared_enabled(*facts.desired);
    if (!declared || declared->value) {
        return;
    }
    const std::string programs = mptcp_programs(facts);
    if (!programs.empty()) {
        findings.push_back(
            {.code = FindingCode::disable_breaks_programs,
             .severity = Severity::warning,
             .subject = "net.mptcp.enabled",
             .evidence = to_string(declared->source) +
                         " declares enabled: false, but these programs use MPTCP sockets: " + programs +
                         "; their next MPTCP socket fails with ENOPROTOOPT and does not fall back to TCP",
             .fix = "sysctl: {enabled: true}"});
    }
}

std::string enable(const Facts& facts) {
    const std::string profiles = redeclare_profiles(facts);
    const auto declared = facts.desired ? declared_enabled(*facts.desired) : std::nullopt;
    return profiles.empty() && declared && declared->value ? "mptcp-keeper apply   # already declared"
                                                           : "sysctl: {enabled: true}" + profiles;
}

} // namespace

Findings kernel(const Facts& facts) {
    Findings findings;
    if (!facts.host.mptcp_supported) {
        findings.push_back(
            {.code = FindingCode::kernel_no_mptcp,
             .severity = Severity::error,
             .subject = "Linux " + facts.host.kernel_release,
             .evidence =
                 "the running kernel does not support MPTCP: /proc/sys/net/mptcp/enabled does not exist",
             .fix =
                 "grep CONFIG_MPTCP /boot/config-$(uname -r)   # requires Linux 5.6 or later with CONFIG_MPTCP=y"});
    } else if (enabled_now(facts.host) == false) {
        const auto declared = facts.desired ? declared_enabled(*facts.desired) : std::nullopt;
        const bool is_declared = declared && !declared->value;
        findings.push_back(
            {.code = FindingCode::mptcp_disabled,
             .severity = is_declared ? Severity::warning : Severity::error,
             .subject = "net.mptcp.enabled",
             .evidence = "the value is 0: creating an MPTCP socket fails with ENOPROTOOPT" +
                         (is_declared ? "; declared by " + to_string(declared->source) : ""),
             .fix = enable(facts)});
    }
    const std::vector<SysctlLine> lines = sysctl_lines(facts.sysctl_files);
    check_names(facts, lines, findings);
    if (facts.desired) {
        check_overrides(*facts.desired, lines, findings);
        check_disabling(facts, findings);
    }
    return findings;
}

} // namespace keeper::rules
