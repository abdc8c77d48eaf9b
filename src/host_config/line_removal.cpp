#include "host_config/line_removal.hpp"

#include <algorithm>
#include <sstream>

#include "base/text/text.hpp"
#include "host_config/text.hpp"

namespace keeper {

namespace {

using host_text::shell_word;

constexpr const char* sysctl_lines_pattern = R"(sed -i -E '/^[[:space:]]*-?net[.\/]mptcp[.\/]/d' )";
constexpr const char* kernel_words_pattern =
    R"(sed -i -E 's/[[:space:]]*sysctl[.]net[.\/]mptcp[.\/][a-z0-9_]+=[^[:space:]"]*//g' )";

std::string line_of(const std::string& text, int number) {
    std::istringstream lines(text);
    std::string line;
    for (int i = 0; i < number && std::getline(lines, line); ++i) {
    }
    return std::string(trimmed(line));
}

/// The text as a basic regular expression that matches it alone, between "|".
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

/// A script keeps a command where the line was: `then` and `do` need one.
std::string sed_command(const MechanismFile& file, const std::string& line) {
    const std::string pattern = pattern_of(line);
    const bool is_script = file.mechanism->syntax == Syntax::shell;
    return "sed -i " +
           shell_word(
               is_script ? "s|^\\([[:space:]]*\\)" + pattern + "[[:space:]]*$|\\1:|"
                         : "\\|^[[:space:]]*" + pattern + "[[:space:]]*$|d") +
           " " + shell_word(file.file.path);
}

bool makes_a_program_use_it(const FileEntry& entry) {
    return std::any_of(entry.statements.begin(), entry.statements.end(), [](const Statement& one) {
        return one.kind == Statement::Kind::program || one.kind == Statement::Kind::opaque;
    });
}

std::vector<std::string> kernel_line_removals(const MechanismFile& file) {
    if (file.file.path.ends_with("/proc/cmdline")) {
        return {"# the kernel was started with it: remove it from the boot loader's configuration, for "
                "instance by "
                "`grubby --update-kernel=ALL --remove-args=…`"};
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
    std::string others;
    for (const FileEntry& entry : entries) {
        if (entry.is_removable && !entry.does_more && !makes_a_program_use_it(entry)) {
            std::string command = sed_command(file, line_of(file.file.text, entry.line));
            if (std::find(commands.begin(), commands.end(), command) == commands.end()) {
                commands.push_back(std::move(command));
            }
        } else {
            others += (others.empty() ? "" : ", ") + std::to_string(entry.line);
        }
    }
    if (!others.empty()) {
        commands.push_back("# " + file.file.path + " does other things too: change line " + others);
    }
    return commands;
}

std::string base_of_path(const std::string& path) {
    return path.substr(0, path.rfind('/'));
}

} // namespace keeper
