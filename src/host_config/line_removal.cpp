// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host_config/line_removal.hpp"

#include <algorithm>

#include "base/text/join.hpp"
#include "base/text/lines.hpp"
#include "base/text/shell_word.hpp"

namespace keeper {

namespace {

constexpr const char* sysctl_lines_pattern = R"(sed -i -E '/^[[:space:]]*-?net[.\/]mptcp[.\/]/d' )";
constexpr const char* kernel_words_pattern =
    R"(sed -i -E 's/[[:space:]]*sysctl[.]net[.\/]mptcp[.\/][a-z0-9_]+=[^[:space:]"]*//g' )";

/// A basic regular expression, delimited by "|", that matches only this text.
std::string pattern_of(const std::string& text) {
    std::string pattern;
    for (const char letter : text) {
        if (std::string_view("\\.*[]^$|").find(letter) != std::string_view::npos) {
            pattern += '\\';
        }
        pattern += letter;
    }
    return pattern;
}

/// In a script, ":" replaces the line, because `then` and `do` require a command.
std::string sed_command(const MechanismFile& file, const std::string& line) {
    const std::string pattern = pattern_of(line);
    const bool is_script = file.mechanism->syntax == Syntax::shell;
    return "sed -i " +
           shell_word(
               is_script ? "s|^\\([[:space:]]*\\)" + pattern + "[[:space:]]*$|\\1:|"
                         : "\\|^[[:space:]]*" + pattern + "[[:space:]]*$|d") +
           " " + shell_word(file.file.path);
}

bool affects_program(const FileEntry& entry) {
    return std::any_of(entry.statements.begin(), entry.statements.end(), [](const Statement& one) {
        return one.kind == Statement::Kind::program || one.kind == Statement::Kind::opaque;
    });
}

std::vector<std::string> kernel_line_removals(const MechanismFile& file) {
    if (file.file.path.ends_with("/proc/cmdline")) {
        return {
            "# the kernel was started with it: remove it from the boot loader's configuration, for example "
            "with `grubby --update-kernel=ALL --remove-args=…`"};
    }
    std::vector<std::string> commands{kernel_words_pattern + shell_word(file.file.path)};
    if (file.file.path.find("/etc/default/grub") != std::string::npos) {
        commands.emplace_back("# then: update-grub   # or grub2-mkconfig -o /boot/grub2/grub.cfg");
    }
    return commands;
}

} // namespace

std::vector<std::string> line_removals(const MechanismFile& file, const std::vector<FileEntry>& entries) {
    if (file.mechanism->syntax == Syntax::kernel_line) {
        return kernel_line_removals(file);
    }
    if (file.mechanism->syntax == Syntax::sysctl || file.mechanism->syntax == Syntax::tuned) {
        return {sysctl_lines_pattern + shell_word(file.file.path)};
    }
    std::vector<std::string> commands;
    std::vector<std::string> others;
    for (const FileEntry& entry : entries) {
        if (entry.is_removable && !entry.has_other_effects && !affects_program(entry)) {
            std::string command =
                sed_command(file, std::string(trimmed(line_at(file.file.text, entry.line))));
            if (std::find(commands.begin(), commands.end(), command) == commands.end()) {
                commands.push_back(std::move(command));
            }
        } else {
            others.push_back(std::to_string(entry.line));
        }
    }
    if (!others.empty()) {
        commands.push_back(
            "# " + file.file.path + " also does other things: edit line " + joined(others, ", "));
    }
    return commands;
}

} // namespace keeper
