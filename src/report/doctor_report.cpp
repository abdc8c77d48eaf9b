// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/doctor_report.hpp"

#include <algorithm>

#include "base/text/lines.hpp"
#include "report/json.hpp"

namespace keeper {

namespace {

/// Wraps the text at spaces and indents each line; at most 96 columns without the indent.
std::string wrapped(const std::string& text, const std::string& indent) {
    constexpr std::size_t width = 96;
    std::string result;
    std::string line;
    for (const std::string_view word : words_of(text)) {
        if (!line.empty() && display_width(line) + 1 + display_width(word) > width) {
            result += indent + line + "\n";
            line.clear();
        }
        line.append(line.empty() ? "" : " ").append(word);
    }
    return line.empty() ? result : result + indent + line + "\n";
}

/// Text to paste keeps its line breaks and indents.
std::string verbatim(const std::string& text, const std::string& indent, Colour colour) {
    std::string result;
    for (std::string_view rest = text; !rest.empty();) {
        result += indent + paint(colour, Tone::strong, printable(take_line(rest))) + "\n";
    }
    return result;
}

Tone tone_of(Severity severity) {
    switch (severity) {
    case Severity::error:
        return Tone::bad;
    case Severity::warning:
        return Tone::caution;
    case Severity::info:
        return Tone::faint;
    }
    return Tone::plain;
}

std::string heading(Severity severity, std::size_t number) {
    switch (severity) {
    case Severity::error:
        return number == 1 ? "error" : "errors";
    case Severity::warning:
        return number == 1 ? "warning" : "warnings";
    case Severity::info:
        return "info";
    }
    return "";
}

std::size_t count(const Diagnosis& diagnosis, Severity severity) {
    return static_cast<std::size_t>(
        std::count_if(diagnosis.findings.begin(), diagnosis.findings.end(), [&](const Finding& finding) {
            return finding.severity == severity;
        }));
}

std::string group(const Diagnosis& diagnosis, Severity severity, Colour colour) {
    const std::size_t number = count(diagnosis, severity);
    if (number == 0) {
        return "";
    }
    std::string text = paint(colour, tone_of(severity), heading(severity, number)) + "\n";
    for (const Finding& finding : diagnosis.findings) {
        if (finding.severity == severity) {
            text += "  " + paint(colour, tone_of(severity), std::string(to_string(finding.code))) + "  " +
                    printable(finding.subject) + "\n" + wrapped(printable(finding.evidence), "      ") +
                    verbatim(finding.fix, "    > ", colour);
        }
    }
    return text + "\n";
}

std::string skipped_text(const Diagnosis& diagnosis, Colour colour) {
    if (diagnosis.skipped.empty()) {
        return "";
    }
    std::string text = paint(colour, Tone::faint, "skipped") + "\n";
    for (const SkippedCheck& one : diagnosis.skipped) {
        text += wrapped(printable(one.check) + ": " + printable(one.reason), "  ");
    }
    return text + "\n";
}

/// Describes a program that --pid or --unit selected.
std::string description_of(const Program& program) {
    std::string text = "its sockets could not be read";
    if (program.sockets_known) {
        text = program.tcp_sockets + program.mptcp_sockets == 0
                   ? "it has no MPTCP or TCP sockets"
                   : count_of(program.mptcp_sockets, "MPTCP socket", "MPTCP sockets") + ", " +
                         count_of(program.tcp_sockets, "plain TCP socket", "plain TCP sockets");
    }
    if (program.memory_known) {
        text += program.has_preload ? "; libmptcpwrap is loaded" : "; libmptcpwrap is not loaded";
    }
    if (program.executable_known) {
        text += program.is_go       ? "; a Go program"
                : program.is_static ? "; statically linked"
                : program.is_secure ? "; setuid, setgid or with capabilities"
                                    : "; dynamically linked";
        text += program.asks_go ? " (GODEBUG has multipathtcp=1)" : "";
    }
    return program.same_network ? text : text + "; in another network namespace";
}

std::string programs_text(const std::vector<Program>& programs, Colour colour) {
    std::string text = paint(colour, Tone::strong, programs.empty() ? "" : "programs\n");
    for (const Program& program : programs) {
        const bool is_mptcp = program.mptcp_sockets > 0 && program.tcp_sockets == 0;
        text += "  " + paint(colour, is_mptcp ? Tone::good : Tone::strong, printable(describe(program))) +
                "\n" + wrapped(printable(description_of(program)), "      ");
    }
    return programs.empty() ? "" : text + "\n";
}

/// The value, or null where it is not known.
Json known(bool is_known, const Json& value) {
    return is_known ? value : Json(nullptr);
}

Json programs_json(const std::vector<Program>& programs) {
    Json list = Json::array();
    for (const Program& one : programs) {
        list.push_back(
            {{"pid", one.pid},
             {"name", one.name},
             {"unit", known(!one.unit.empty(), one.unit)},
             {"executable", one.executable},
             {"sockets", known(one.sockets_known, {{"mptcp", one.mptcp_sockets}, {"tcp", one.tcp_sockets}})},
             {"preloaded", known(one.memory_known, one.has_preload)},
             {"go", known(one.executable_known, one.is_go)},
             {"static", known(one.executable_known, one.is_static)},
             {"setuid", known(one.executable_known, one.is_secure)},
             {"same_network", one.same_network}});
    }
    return list;
}

std::string probe_text(const ProbeVerdict& probe, Colour colour) {
    const bool mptcp = probe.lost_at == LostAt::nowhere;
    const bool is_lost = probe.connected || probe.lost_at != LostAt::unknown;
    std::string target = probe.target;
    if (!probe.address.empty() && target.find(probe.address) == std::string::npos) {
        target += " (" + probe.address + ")";
    }
    return paint(colour, mptcp ? Tone::good : Tone::caution, "probe of " + printable(target)) + "\n" +
           wrapped(
               (mptcp || !is_lost ? ""
                                  : "MPTCP was lost at: " + std::string(to_string(probe.lost_at)) + "; ") +
                   printable(probe.evidence),
               "  ") +
           "\n";
}

std::string skipped_summary(std::size_t number) {
    return number == 0 ? "" : "; " + count_of(number, "check was", "checks were") + " skipped";
}

std::string summary(const Diagnosis& diagnosis, Colour colour) {
    const std::size_t errors = count(diagnosis, Severity::error);
    const std::size_t warnings = count(diagnosis, Severity::warning);
    const std::size_t skipped = diagnosis.skipped.size();
    if (!diagnosis.healthy()) {
        const std::string text =
            "✗ " + count_of(errors, "error", "errors") + ", " + count_of(warnings, "warning", "warnings");
        return paint(colour, Tone::bad, text) + skipped_summary(skipped) + "\n";
    }
    const std::string text =
        skipped == 0 ? "✓ no problems found" : "✓ no problems found by the checks that ran";
    return paint(colour, Tone::good, text) + skipped_summary(skipped) + "\n";
}

} // namespace

std::string doctor_text(const Diagnosis& diagnosis, Colour colour) {
    std::string text;
    for (const Severity severity : {Severity::error, Severity::warning, Severity::info}) {
        text += group(diagnosis, severity, colour);
    }
    if (diagnosis.programs) {
        text += programs_text(*diagnosis.programs, colour);
    }
    text += skipped_text(diagnosis, colour);
    if (diagnosis.probe) {
        text += probe_text(*diagnosis.probe, colour);
    }
    return text + summary(diagnosis, colour);
}

std::string doctor_json(const Diagnosis& diagnosis) {
    Json findings = Json::array();
    for (const Finding& finding : diagnosis.findings) {
        findings.push_back(
            {{"code", to_string(finding.code)},
             {"severity", to_string(finding.severity)},
             {"subject", finding.subject},
             {"evidence", finding.evidence},
             {"fix", finding.fix}});
    }
    Json skipped = Json::array();
    for (const SkippedCheck& one : diagnosis.skipped) {
        skipped.push_back({{"check", one.check}, {"reason", one.reason}});
    }
    Json document = {{"healthy", diagnosis.healthy()}, {"findings", findings}, {"skipped", skipped}};
    if (diagnosis.programs) {
        document["programs"] = programs_json(*diagnosis.programs);
    }
    if (diagnosis.probe) {
        const ProbeVerdict& probe = *diagnosis.probe;
        const bool mptcp = probe.lost_at == LostAt::nowhere;
        document["probe"] = {
            {"target", probe.target},
            {"address", known(!probe.address.empty(), probe.address)},
            {"connected", probe.connected},
            {"mptcp", mptcp},
            {"lost_at", mptcp ? Json(nullptr) : Json(to_string(probe.lost_at))},
            {"evidence", probe.evidence}};
    }
    return to_document(document);
}

std::string explanation_json(const std::string& code, const std::string& explanation) {
    return to_document({{"code", code}, {"explanation", explanation}});
}

} // namespace keeper
