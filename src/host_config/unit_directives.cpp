// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host_config/unit_directives.hpp"

#include <algorithm>
#include <iterator>

#include "base/text/lines.hpp"
#include "host_config/command_meaning.hpp"

namespace keeper {

namespace {

void read_lines(std::string_view text, std::vector<UnitDirective>& result) {
    bool continues = false;
    for (int number = 1; !text.empty(); ++number) {
        std::string_view line = trimmed(take_line(text));
        if (line.empty() || line.front() == '#' || line.front() == ';') {
            continues = continues && !line.empty(); // a comment does not end a continued line
            continue;
        }
        const bool is_continued_below = line.ends_with('\\');
        line = trimmed(line.substr(0, line.size() - (is_continued_below ? 1 : 0)));
        const std::size_t equals = line.find('=');
        if (continues) {
            result.back().value += " " + std::string(line);
            result.back().is_continued = true;
            continues = is_continued_below;
        } else if (equals != std::string_view::npos && line.front() != '[') {
            result.push_back(
                {.key = std::string(trimmed(line.substr(0, equals))),
                 .value = std::string(trimmed(line.substr(equals + 1))),
                 .line = number});
            continues = is_continued_below;
        }
    }
}

void replace_all(std::string& text, std::string_view what, std::string_view by) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
        text.replace(at, what.size(), by);
    }
}

/// A command line may have several commands, separated by ";" as a word of its own: systemd.service(5).
void read_command(
    std::string_view value, bool has_own_name, const shell::Variables& known, FileEntry& entry) {
    shell::SimpleCommand command;
    const auto finish = [&] {
        if (has_own_name && command.words.size() > 1) {
            command.words.erase(command.words.begin() + 1);
        }
        CommandMeaning meaning = meaning_of(command);
        std::move(meaning.statements.begin(), meaning.statements.end(), std::back_inserter(entry.statements));
        std::move(meaning.starts.begin(), meaning.starts.end(), std::back_inserter(entry.starts));
        entry.has_other_effects |= meaning.has_other_effects;
        command = {};
    };
    for (std::string& word : shell::split_words(value, known)) {
        if (word == ";") {
            finish();
            continue;
        }
        replace_all(word, "$$", "$");
        replace_all(word, "%%", "%");
        command.words.push_back(std::move(word));
    }
    finish();
}

void add_variables(const std::string& value, shell::Variables& known) {
    for (const std::string& word : shell::split_words(value)) {
        if (const std::size_t equals = word.find('='); equals != std::string::npos) {
            known[word.substr(0, equals)] = word.substr(equals + 1);
        }
    }
}

} // namespace

std::vector<UnitDirective> unit_directives(const std::string& text) {
    std::vector<UnitDirective> result;
    read_lines(text, result);
    shell::Variables known;
    for (const UnitDirective& directive : result) {
        if (directive.key == "Environment") {
            add_variables(directive.value, known);
        }
    }
    for (UnitDirective& directive : result) {
        directive.entry = {.line = directive.line, .is_removable = !directive.is_continued};
        if (directive.is_command()) { // its prefixes: systemd.service(5)
            const std::size_t start =
                std::min(directive.value.find_first_not_of("@-:+!|"), directive.value.size());
            const bool has_own_name = directive.value.substr(0, start).find('@') != std::string::npos;
            directive.value.erase(0, start);
            read_command(directive.value, has_own_name, known, directive.entry);
        } else if (
            directive.key == "Environment" && directive.value.find("libmptcpwrap") != std::string::npos) {
            directive.entry.statements.push_back({.kind = Statement::Kind::program, .name = "preload"});
        } else if (directive.key == "EnvironmentFile") {
            directive.entry.starts.push_back(directive.value.substr(
                std::min(directive.value.find_first_not_of('-'), directive.value.size())));
        }
    }
    return result;
}

std::vector<FileEntry> unit_entries(const std::string& text) {
    std::vector<FileEntry> entries;
    for (UnitDirective& directive : unit_directives(text)) {
        entries.push_back(std::move(directive.entry));
    }
    return entries;
}

std::string working_directory_of_unit(const std::string& text) {
    std::string folder = "/";
    for (const UnitDirective& directive : unit_directives(text)) {
        if (directive.key == "WorkingDirectory") {
            folder = directive.value == "~" || directive.value == "%h" ? "/root" : directive.value;
            folder.erase(0, folder.starts_with("-") ? 1 : 0);
        }
    }
    return folder;
}

} // namespace keeper
