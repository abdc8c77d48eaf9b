// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host_config/unit_leftovers.hpp"

#include <algorithm>

#include "base/text/join.hpp"
#include "base/text/path_name.hpp"
#include "base/text/shell_word.hpp"
#include "host_config/file_entries.hpp"
#include "host_config/line_removal.hpp"
#include "host_config/unit_directives.hpp"

namespace keeper {

namespace {

using Kind = Statement::Kind;

/// What a statement is for: `host` changes the host, `program` makes one program use MPTCP, `every_program`
/// all.
enum class Purpose { none, host, program, every_program };

Purpose purpose_of(const Statement& statement) {
    switch (statement.kind) {
    case Kind::program:
        return Purpose::program;
    case Kind::every_program:
        return Purpose::every_program;
    case Kind::sysctl:
    case Kind::limit:
    case Kind::endpoint:
    case Kind::endpoint_edit:
    case Kind::profile:
    case Kind::opaque:
        return Purpose::host;
    }
    return Purpose::none;
}

bool does(const UnitDirective& directive, Purpose purpose) {
    const auto& all = directive.entry.statements;
    return std::any_of(
        all.begin(), all.end(), [&](const Statement& one) { return purpose_of(one) == purpose; });
}

bool runs_mptcpize(const UnitDirective& directive) {
    const auto& all = directive.entry.statements;
    return directive.is_command() && std::any_of(all.begin(), all.end(), [](const Statement& one) {
               return one.kind == Kind::program && one.name == "run";
           });
}

/// The path by which systemd knows the file: its own in systemd's directories, otherwise that of the link.
const std::string& path_for_systemd(const HostFile& file) {
    const bool is_there = file.path.find("/systemd/system/") != std::string::npos;
    return is_there || file.links.empty() ? file.path : file.links.front();
}

/// Whether it is Environment= with only LD_PRELOAD=libmptcpwrap, as mptcpize writes it.
bool is_whole_preload(const UnitDirective& directive) {
    std::string value = directive.value;
    std::erase(value, '"');
    std::erase(value, '\'');
    return directive.key == "Environment" && !directive.is_continued && value.starts_with("LD_PRELOAD=") &&
           value.find_first_of(" \t:") == std::string::npos;
}

/// A unit's directives by their effect.
struct ClassifiedUnit {
    std::vector<UnitDirective> about_mptcp;
    bool has_other_commands = false;
    bool has_other_starts = false;   ///< of ExecStart=
    bool has_other_settings = false; ///< directives other than commands
    [[nodiscard]] bool does(Purpose purpose) const {
        return std::any_of(about_mptcp.begin(), about_mptcp.end(), [&](const UnitDirective& one) {
            return keeper::does(one, purpose);
        });
    }
    /// Whether a command starts a script that only configures MPTCP.
    [[nodiscard]] bool starts_script() const {
        return std::any_of(about_mptcp.begin(), about_mptcp.end(), [](const UnitDirective& one) {
            return one.entry.statements.empty();
        });
    }
    [[nodiscard]] std::string lines() const {
        std::vector<std::string> numbers;
        for (const UnitDirective& one : about_mptcp) {
            numbers.push_back(std::to_string(one.line));
        }
        return joined(numbers, ", ");
    }
};

ClassifiedUnit
classify_unit(const MechanismFile& file, const std::string& root, const SuperfluousScripts& scripts) {
    ClassifiedUnit content;
    const std::string folder = working_folder(file);
    for (UnitDirective& directive : unit_directives(file.file.text)) {
        const bool is_mptcp_only = is_superfluous(directive.entry, folder, root, scripts);
        if (is_mptcp_only || !directive.entry.statements.empty()) {
            content.has_other_commands |=
                !is_mptcp_only && directive.is_command() && !runs_mptcpize(directive);
            content.about_mptcp.push_back(std::move(directive));
        } else if (directive.is_command()) {
            content.has_other_commands |= !directive.value.empty();
            content.has_other_starts |= directive.key == "ExecStart" && !directive.value.empty();
        } else {
            content.has_other_settings = true;
        }
    }
    return content;
}

std::string remove_by_hand(const HostFile& file, const std::string& part, const std::string& lines) {
    return "# " + file.path + " also does other things: remove " + part + " from line " + lines;
}

/// Keeps the unit, which then starts its program without mptcpize or libmptcpwrap.
std::vector<std::string> start_without_mptcp(const HostFile& file, const ClassifiedUnit& content) {
    std::vector<std::string> commands;
    bool deletes = false;
    bool rewrites = false;
    for (const UnitDirective& one : content.about_mptcp) {
        const bool is_run = runs_mptcpize(one);
        if (!is_run && !is_whole_preload(one)) {
            return {remove_by_hand(file, "libmptcpwrap", std::to_string(one.line))};
        }
        (is_run ? rewrites : deletes) = true;
    }
    if (deletes) {
        commands.push_back(
            "sed -i '/^[[:space:]]*Environment[[:space:]]*=.*libmptcpwrap/d' " + shell_word(file.path));
    }
    if (rewrites) {
        commands.push_back(
            "sed -i -E 's,(/[[:alnum:]_./-]*/)?mptcpize[[:space:]]+run[[:space:]]+(-d[[:space:]]+)?,,' " +
            shell_word(file.path));
    }
    return commands;
}

std::string remove(const HostFile& file) {
    std::string command = "rm -f " + shell_word(file.path);
    for (const std::string& link : file.links) {
        command += " " + shell_word(link);
    }
    return command;
}

std::vector<std::string> retire_unit(const HostFile& file, const std::string& root) {
    const std::string name = base_name(path_for_systemd(file));
    const std::string folder = shell_word(root + "/etc/systemd/system") + "/";
    if (file.path.starts_with(root + "/usr/lib/")) {
        return {
            root.empty() ? "systemctl mask --now " + shell_word(name)
                         : "ln -sf /dev/null " + folder + shell_word(name)};
    }
    if (root.empty()) {
        return {"systemctl disable --now " + shell_word(name), remove(file)};
    }
    return {
        "rm -f " + folder + "*.wants/" + shell_word(name) + " " + folder + "*.requires/" + shell_word(name),
        remove(file)};
}

/// Removes the directives one by one; only a comment if the unit would be left without a command to start.
std::vector<std::string>
remove_lines(const MechanismFile& unit, const std::string& root, const ClassifiedUnit& content) {
    const bool starts_something_else =
        std::none_of(content.about_mptcp.begin(), content.about_mptcp.end(), [&](const auto& one) {
            return one.key == "ExecStart" && !content.has_other_starts;
        });
    if (unit.file.path.starts_with(root + "/usr/lib/") || !starts_something_else) {
        return {"# " + unit.file.path + " also does other things: remove line " + content.lines()};
    }
    std::vector<FileEntry> entries;
    for (const UnitDirective& one : content.about_mptcp) {
        entries.push_back(one.entry);
    }
    return line_removals(unit, entries);
}

std::vector<std::string>
retire_unit(const MechanismFile& unit, const std::string& root, const ClassifiedUnit& content) {
    const HostFile& file = unit.file;
    if (!content.does(Purpose::host) && !content.does(Purpose::every_program) && !content.starts_script()) {
        const bool is_all =
            is_drop_in(file.path) && !content.has_other_commands && !content.has_other_settings;
        return is_all && std::all_of(content.about_mptcp.begin(), content.about_mptcp.end(), is_whole_preload)
                   ? std::vector{remove(file)}
                   : start_without_mptcp(file, content);
    }
    const bool is_mixed_drop_in = is_drop_in(file.path) && content.has_other_settings;
    if (content.has_other_commands || content.does(Purpose::program) || is_mixed_drop_in) {
        return remove_lines(unit, root, content);
    }
    return is_drop_in(file.path) ? std::vector{remove(file)} : retire_unit(file, root);
}

} // namespace

bool is_drop_in(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return path.ends_with(".conf") && slash != std::string::npos && path.substr(0, slash).ends_with(".d");
}

std::string unit_of(const HostFile& file) {
    const std::string& path = path_for_systemd(file);
    std::string name = base_name(path);
    if (is_drop_in(path)) {
        name = base_name(folder_of_path(path));
        name.resize(name.size() - 2);
    }
    if (name == "service") {
        return "*.service";
    }
    const std::size_t dot = name.rfind('.');
    const bool matches_several =
        dot != std::string::npos && dot > 0 && (name[dot - 1] == '@' || name[dot - 1] == '-');
    return matches_several ? name.insert(dot, "*") : name;
}

std::vector<ProgramLine> program_lines(const std::vector<MechanismFile>& files) {
    std::vector<ProgramLine> result;
    for (const MechanismFile& file : files) {
        if (file.mechanism->syntax != Syntax::unit) {
            continue;
        }
        for (const UnitDirective& one : unit_directives(file.file.text)) {
            if (does(one, Purpose::program)) {
                result.push_back(
                    {unit_of(file.file),
                     runs_mptcpize(one) ? "through mptcpize" : "with libmptcpwrap preloaded",
                     file.file.path,
                     one.line});
            }
        }
    }
    return result;
}

std::optional<Leftover>
unit_leftover(const MechanismFile& unit, const std::string& root, const SuperfluousScripts& scripts) {
    const HostFile& file = unit.file;
    const ClassifiedUnit content = classify_unit(unit, root, scripts);
    const bool is_package_choice =
        file.path.starts_with(root + "/usr/lib/") &&
        std::any_of(content.about_mptcp.begin(), content.about_mptcp.end(), runs_mptcpize);
    if (content.about_mptcp.empty() || is_package_choice) {
        return std::nullopt;
    }
    const FileEntry& first = content.about_mptcp.front().entry;
    std::string reason = first.statements.empty()
                             ? "starts " + first.starts.front() + ", which only configures MPTCP"
                             : reason_of(first.statements.front(), Syntax::unit);
    if (!unit.idle.empty()) {
        reason += " (currently without effect: " + unit.idle + ")";
    }
    Leftover leftover{file.path, reason, retire_unit(unit, root, content)};
    leftover.is_exported = !content.does(Purpose::every_program);
    if (root.empty()) {
        leftover.commands.emplace_back("systemctl daemon-reload");
    }
    return leftover;
}

} // namespace keeper
