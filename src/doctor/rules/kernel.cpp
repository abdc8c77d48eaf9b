#include <algorithm>
#include <cstdlib>

#include "doctor/declaration.hpp"
#include "doctor/rules/rules.hpp"
#include "doctor/silent_manager.hpp"
#include "host_config/host_settings.hpp"
#include "model/sysctl_table.hpp"

namespace keeper::rules {

namespace {

std::string place(const SysctlLine& line) {
    return line.file + ":" + std::to_string(line.line);
}

/// The upstream name of an out-of-tree one ("mptcp_enabled" is "enabled"); "" where upstream has nothing that
/// takes the same values.
std::string upstream_name(const SysctlLine& line) {
    const std::string bare = line.name.substr(std::string("mptcp_").size());
    const std::string upstream = bare == "checksum" ? "checksum_enabled" : bare;
    const SysctlSpec* known = find_sysctl(upstream);
    const bool fits =
        known != nullptr && known->type == SysctlType::boolean && (line.value == "0" || line.value == "1");
    return fits ? upstream : "";
}

/// Lines of sysctl.d that set that sysctl, as an extended regular expression: a leading "-" and slashes for
/// dots are allowed there (sysctl.d(5)).
std::string lines_that_set(const std::string& name) {
    return R"(^([[:space:]]*-?net[./]mptcp[./]))" + name + R"(([[:space:]]*=))";
}

/// The value as a number, which the kernel reads in C's notation: 0x1 is 1.
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
            {FindingCode::wrong_sysctl_name,
             Severity::warning,
             "net.mptcp." + line.name,
             place(line) + " sets net.mptcp." + line.name +
                 ", a name of the old out-of-tree kernel: upstream Linux has no such sysctl and ignores it",
             "sed -i -E '" +
                 (may_stay ? "s," + lines_that_set(line.name) + R"(,\1)" + upstream + R"(\2,)"
                           : "\\," + lines_that_set(line.name) + ",d") +
                 "' " + line.file});
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
            {FindingCode::sysctl_overridden,
             Severity::warning,
             "net.mptcp." + name,
             place(*line) + " sets it to " + line->value + " at boot, " + to_string(declared->second.source) +
                 " declares " + declared->second.value,
             "sed -i -E '\\," + lines_that_set(name) + ",d' " + line->file});
    }
}

std::string holders_of_mptcp(const Facts& facts) {
    std::string holders;
    for (const Program& program : facts.programs) {
        if (!program.same_network || (program.mptcp_sockets == 0 && !program.has_preload)) {
            continue;
        }
        holders += (holders.empty() ? "" : ", ") + program.name + " (pid " + std::to_string(program.pid) +
                   (program.unit.empty() ? "" : ", " + program.unit) + ")";
    }
    return holders;
}

void check_disabling(const Facts& facts, Findings& findings) {
    const auto declared = facts.desired->sysctls.find("enabled");
    if (declared == facts.desired->sysctls.end() || declared->second.value != "0") {
        return;
    }
    const std::string holders = holders_of_mptcp(facts);
    if (!holders.empty()) {
        findings.push_back(
            {FindingCode::disable_breaks_programs,
             Severity::warning,
             "net.mptcp.enabled",
             to_string(declared->second.source) +
                 " declares enabled: false, while these hold MPTCP sockets: " + holders +
                 "; the next one that they ask for fails with ENOPROTOOPT, it does not fall back",
             "sysctl: {enabled: true}"});
    }
}

std::string enable(const Facts& facts) {
    const std::string profiles = declare_silent_profiles(facts);
    const std::string* declared = declared_sysctl(facts, "enabled");
    return profiles.empty() && declared != nullptr && *declared == "1"
               ? "mptcp-keeper apply   # it is declared"
               : "sysctl: {enabled: true}" + profiles;
}

} // namespace

Findings kernel(const Facts& facts) {
    Findings findings;
    const std::string* enabled = find_sysctl_value(facts.host, "enabled");
    if (!facts.host.mptcp_supported) {
        findings.push_back(
            {FindingCode::kernel_no_mptcp,
             Severity::error,
             "Linux " + facts.host.kernel_release,
             "the running kernel has no MPTCP: there is no /proc/sys/net/mptcp/enabled",
             "grep CONFIG_MPTCP /boot/config-$(uname -r)   # boot a kernel of 5.6 or newer that has =y"});
    } else if (enabled != nullptr && *enabled == "0") {
        const bool declared = facts.desired && facts.desired->sysctls.contains("enabled") &&
                              facts.desired->sysctls.at("enabled").value == "0";
        findings.push_back(
            {FindingCode::mptcp_disabled,
             declared ? Severity::warning : Severity::error,
             "net.mptcp.enabled",
             "it is 0: a program that asks for an MPTCP socket fails with ENOPROTOOPT" +
                 std::string(
                     declared
                         ? " (as " + to_string(facts.desired->sysctls.at("enabled").source) + " declares)"
                         : ""),
             enable(facts)});
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
