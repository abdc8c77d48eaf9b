// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string_view>

#include <fmt/format.h>

#include "base/text/join.hpp"
#include "base/text/lines.hpp"
#include "manual/pages.hpp"

namespace keeper::manual {

namespace {

/// "print the version" → "Print the version."
std::string sentence(std::string text) {
    if (!text.empty() && text.front() >= 'a' && text.front() <= 'z') {
        text.front() = static_cast<char>(text.front() - 'a' + 'A');
    }
    return text.ends_with('.') ? text : text + ".";
}

std::string spelled(const cli::OptionDescription& option) {
    const std::string text = "`" + joined(option.names, "`, `") + "`";
    return option.value.empty() ? text : text + " *" + option.value + "*";
}

std::string list_of(const std::vector<cli::OptionDescription>& options) {
    std::string text;
    for (const cli::OptionDescription& option : options) {
        const std::string term = option.is_argument() ? "*" + option.names.front() + "*" : spelled(option);
        text += fmt::format("- {}: {}\n", term, sentence(option.help));
    }
    return text;
}

std::string heading(const cli::CommandDescription& command) {
    std::string text = "`" + command.name + "`";
    for (const cli::OptionDescription& option : command.options) {
        const std::string word = option.is_argument() ? "*" + option.names.front() + "*..." : spelled(option);
        text += option.is_required ? " " + word : " [" + word + "]";
    }
    return text;
}

/// Indented lines become fenced code.
std::string with_fences(const std::string& details) {
    std::string text;
    bool is_code = false;
    for (std::string_view rest = details; !rest.empty();) {
        const std::string line(take_line(rest));
        if (line.starts_with("  ") != is_code) {
            is_code = !is_code;
            text += "```\n";
        }
        text += (is_code ? line.substr(2) : line) + "\n";
    }
    return text + (is_code ? "```\n" : "");
}

std::string section_of(const cli::CommandDescription& command) {
    return fmt::format(
        "### {}\n{}\n\n{}\n{}\n",
        heading(command),
        sentence(command.summary),
        list_of(command.options),
        with_fences(command.details));
}

} // namespace

std::string with_commands(const std::string& manual, const cli::ProgramDescription& program) {
    std::string text;
    for (std::string_view rest = manual; !rest.empty();) {
        const std::string line(take_line(rest));
        if (line == "<!-- options -->") {
            text += list_of(program.options);
        } else if (line == "<!-- commands -->") {
            for (const cli::CommandDescription& command : program.commands) {
                text += section_of(command);
            }
        } else {
            text += line + "\n";
        }
    }
    return text;
}

} // namespace keeper::manual
