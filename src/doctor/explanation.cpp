// SPDX-License-Identifier: LGPL-2.1-or-later
#include "doctor/explanation.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "base/text/lines.hpp"
#include "doctor/explanations/endpoints.hpp"
#include "doctor/explanations/host.hpp"
#include "doctor/explanations/network.hpp"
#include "doctor/explanations/programs.hpp"
#include "doctor/explanations/traffic.hpp"

namespace keeper {

namespace {

constexpr std::size_t text_width = 80;
constexpr std::size_t example_width = 76; ///< without indent
constexpr std::size_t markdown_width = 120;

struct Topic {
    std::string_view title;
    std::span<const Explanation> explanations;
};

constexpr std::array topics{
    Topic{"Kernel, limits and path managers", explanations::host},
    Topic{"Endpoints", explanations::endpoints},
    Topic{"Routes, links and NetworkManager", explanations::network},
    Topic{"Firewalls, paths and peers", explanations::traffic},
    Topic{"Programs and files", explanations::programs}};

constexpr const Explanation* find_explanation(FindingCode code) {
    const Explanation* found = nullptr;
    for (const Topic& topic : topics) {
        for (const Explanation& one : topic.explanations) {
            if (one.code == code) {
                if (found != nullptr) {
                    return nullptr;
                }
                found = &one;
            }
        }
    }
    return found;
}

constexpr bool is_each_code_explained_once() {
    for (const FindingCode code : finding_codes) {
        if (find_explanation(code) == nullptr) {
            return false;
        }
    }
    return true;
}
static_assert(is_each_code_explained_once(), "add the code to one of doctor/explanations");

/// Starts with a line feed and ends with one, and no line is too long.
constexpr bool is_well_formed(std::string_view example) {
    if (!example.starts_with('\n') || !example.ends_with('\n')) {
        return false;
    }
    std::size_t length = 0;
    for (const char one : example) {
        length = one == '\n' ? 0 : length + 1;
        if (length > example_width) {
            return false;
        }
    }
    return true;
}
static_assert(std::all_of(finding_codes.begin(), finding_codes.end(), [](FindingCode code) {
    return is_well_formed(find_explanation(code)->example);
}));

/// The words of the text in lines of at most that width, as far as no word is longer.
std::string wrapped(std::string_view text, std::size_t width, const std::string& indent) {
    std::string result;
    std::string line = indent;
    for (std::string_view word = take_word(text); !word.empty(); word = take_word(text)) {
        if (line.size() > indent.size() && line.size() + 1 + word.size() > width) {
            result += line + "\n";
            line = indent;
        }
        line.append(line.size() > indent.size() ? " " : "").append(word);
    }
    return result + line + "\n";
}

/// The lines of the example with that indent.
std::string indented_example(std::string_view example, std::string_view indent) {
    std::string result;
    for (example.remove_prefix(1); !example.empty();) {
        result.append(indent).append(take_line(example)).append("\n");
    }
    return result;
}

std::string section(std::string_view title, std::string_view text) {
    return "\n" + std::string(title) + "\n" + wrapped(text, text_width, "  ");
}

constexpr std::string_view markdown_head =
    R"(# Findings of doctor

`mptcp-keeper doctor` reports each problem as a finding with a code, a severity, a subject, the evidence and a fix.
Scripts can rely on the codes and severities. `mptcp-keeper doctor --explain CODE` prints the entry of a code.

| severity | meaning | exit status |
|---|---|---|
| error | connections of this host cannot use MPTCP, or a declared path cannot work | 2 |
| warning | some connections lose MPTCP or a path, or soon will | 2 |
| info | no problem by itself, but useful to know | 0 |

A fix is either YAML, to be pasted into a file in `/etc/mptcp-keeper/conf.d` and applied with `mptcp-keeper apply`, or
commands for a root shell. Words in capitals, such as GATEWAY, stand for values that only the administrator knows.
Everything after `#` is a comment.

This page is generated from `src/doctor/explanations`; a unit test compares the two.
)";

std::string markdown_entry(const Explanation& explanation) {
    return "\n### " + std::string(to_string(explanation.code)) + "\n" +
           wrapped(explanation.meaning, markdown_width, "") + "\n" +
           wrapped("**Detection:** " + std::string(explanation.detection), markdown_width, "") + "\n" +
           wrapped("**Fix:** " + std::string(explanation.fix), markdown_width, "") + "\n```text\n" +
           indented_example(explanation.example, "") + "```\n";
}

} // namespace

const Explanation& explanation_of(FindingCode code) {
    return *find_explanation(code);
}

std::optional<std::string> explanation_text(std::string_view code) {
    const auto known = parse_finding_code(code);
    if (!known) {
        return std::nullopt;
    }
    const Explanation& explanation = explanation_of(*known);
    return std::string(code) + "\n" + section("Meaning", explanation.meaning) +
           section("Detection", explanation.detection) + section("Fix", explanation.fix) + "\nExample\n" +
           indented_example(explanation.example, "  ");
}

std::vector<std::string> explained_codes() {
    std::vector<std::string> codes;
    for (const FindingCode code : finding_codes) {
        codes.emplace_back(to_string(code));
    }
    std::sort(codes.begin(), codes.end());
    return codes;
}

std::string findings_markdown() {
    std::string text(markdown_head);
    for (const Topic& topic : topics) {
        text.append("\n## ").append(topic.title).append("\n");
        for (const Explanation& one : topic.explanations) {
            text += markdown_entry(one);
        }
    }
    return text;
}

} // namespace keeper
