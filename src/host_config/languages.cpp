// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host_config/languages.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <iterator>

#include "base/text/lines.hpp"
#include "host_config/command_meaning.hpp"

namespace keeper::languages {

namespace {

/// Joins lines that end in a backslash with the next one. The number is that of the first.
void for_each_joined_line(
    const std::string& text, const std::function<void(std::string_view, int, bool)>& use) {
    std::string joined;
    int first = 0;
    bool is_joined = false;
    for_each_line(text, [&](std::string_view line, int number) {
        if (joined.empty()) {
            first = number;
        }
        const bool is_continued_below = line.ends_with("\\");
        joined += std::string(line.substr(0, line.size() - (is_continued_below ? 1 : 0))) +
                  (is_continued_below ? " " : "");
        is_joined |= is_continued_below;
        if (!is_continued_below) {
            use(trimmed(joined), first, is_joined);
            joined.clear();
            is_joined = false;
        }
    });
}

/// An entry for a line of a script.
FileEntry block_entry(std::string_view command, int line) {
    FileEntry entry{.line = line, .is_removable = true};
    for (FileEntry& one : entries_of_script(command)) {
        std::move(one.statements.begin(), one.statements.end(), std::back_inserter(entry.statements));
        std::move(one.starts.begin(), one.starts.end(), std::back_inserter(entry.starts));
        entry.has_other_effects |= one.has_other_effects;
    }
    return entry;
}

/// An entry of a list of independent items: an item that does not affect MPTCP serves another purpose, even
/// if it has no lasting effect.
FileEntry independent(FileEntry entry) {
    entry.has_other_effects |= entry.statements.empty() && entry.starts.empty();
    return entry;
}

} // namespace

bool mentions(std::string_view text, std::string_view what) {
    return text.find(what) != std::string_view::npos;
}

FileEntry shell_entry(std::string_view command, int line) {
    return independent(block_entry(command, line));
}

FileEntry word_entry(std::string_view command, int line) {
    shell::SimpleCommand simple;
    simple.words = shell::split_words(command);
    CommandMeaning meaning = meaning_of(simple);
    return {
        .line = line,
        .statements = std::move(meaning.statements),
        .starts = std::move(meaning.starts),
        .has_other_effects = meaning.has_other_effects,
        .is_removable = true};
}

FileEntry unrelated_entry(int line) {
    return {.line = line, .has_other_effects = true};
}

std::string_view skip_words(std::string_view line, int count) {
    for (int i = 0; i < count; ++i) {
        line.remove_prefix(std::min(line.find_first_of(" \t"), line.size()));
        line = trimmed(line);
    }
    return line;
}

std::string_view first_word(std::string_view line) {
    return line.substr(0, line.find_first_of(" \t"));
}

Entries interfaces_entries(const std::string& text) {
    static constexpr std::array<std::string_view, 6> hooks = {
        "up", "pre-up", "post-up", "down", "pre-down", "post-down"};
    Entries entries;
    for_each_joined_line(text, [&](std::string_view line, int number, bool is_joined) {
        const std::string_view key = first_word(line);
        const std::string_view value = skip_words(line, 1);
        if (std::find(hooks.begin(), hooks.end(), key) != hooks.end()) {
            entries.push_back(shell_entry(value, number));
            entries.back().is_removable &= !is_joined;
        } else if (key == "source" || key == "source-directory") {
            entries.push_back({.line = number, .starts = {std::string(value)}, .has_other_effects = true});
        } else {
            entries.push_back(unrelated_entry(number));
        }
    });
    return entries;
}

Entries udev_entries(const std::string& text) {
    Entries entries;
    for_each_joined_line(text, [&](std::string_view line, int number, bool is_joined) {
        FileEntry entry{.line = number};
        bool has_other_keys = false;
        for (std::size_t at = 0; at < line.size();) {
            const std::size_t open = std::min(line.find('"', at), line.size());
            const std::size_t close = std::min(line.find('"', open + 1), line.size());
            std::string_view key = line.substr(at, open - at);
            key.remove_prefix(std::min(key.find_first_not_of(", \t"), key.size()));
            const std::string value(
                line.substr(std::min(open + 1, line.size()), close - std::min(open + 1, close)));
            const bool matches = mentions(key, "==") || mentions(key, "!=");
            if ((key.starts_with("RUN") && !key.starts_with("RUN{builtin}")) ||
                (key.starts_with("PROGRAM")) || key.starts_with("IMPORT{program}")) {
                FileEntry one = word_entry(value, number);
                std::move(one.statements.begin(), one.statements.end(), std::back_inserter(entry.statements));
                std::move(one.starts.begin(), one.starts.end(), std::back_inserter(entry.starts));
                entry.has_other_effects |= one.has_other_effects;
            } else if (key.starts_with("SYSCTL{") && !matches) {
                const std::string name = mptcp_sysctl_name(key.substr(7, key.find('}') - 7));
                if (!name.empty()) {
                    entry.statements.push_back({.kind = Kind::sysctl, .name = name, .value = value});
                }
                has_other_keys |= name.empty();
            } else if (!matches && !key.empty() && !key.starts_with("LABEL") && !key.starts_with("GOTO")) {
                has_other_keys = true;
            }
            at = close + 1;
        }
        entry.has_other_effects |= has_other_keys || (entry.statements.empty() && entry.starts.empty());
        entry.is_removable = !is_joined;
        entries.push_back(std::move(entry));
    });
    return entries;
}

Entries cloud_entries(const std::string& text) {
    Entries entries;
    bool is_in_list = false;
    for_each_line(text, [&](std::string_view line, int number) {
        const bool is_item = line.starts_with("- ");
        if (!is_item && line.ends_with(":") && line.find(' ') == std::string_view::npos) {
            is_in_list = line == "runcmd:" || line == "bootcmd:";
        }
        if (!is_in_list || line.ends_with("cmd:")) {
            if (!line.ends_with("cmd:")) {
                entries.push_back(unrelated_entry(number));
            }
            return;
        }
        std::string item(trimmed(is_item ? line.substr(2) : line));
        if (item == "|" || item == ">") {
            return; // the command is in the lines below
        }
        if (item.size() >= 2 && (item.front() == '"' || item.front() == '\'') &&
            item.back() == item.front()) {
            item = item.substr(1, item.size() - 2);
        }
        if (item.starts_with("[")) {
            std::replace(item.begin(), item.end(), ',', ' ');
            std::erase_if(item, [](char letter) { return letter == '[' || letter == ']'; });
            entries.push_back(independent(word_entry(item, number)));
        } else {
            entries.push_back(is_item ? shell_entry(item, number) : block_entry(item, number));
        }
        entries.back().is_removable = is_item;
    });
    return entries;
}

} // namespace keeper::languages
