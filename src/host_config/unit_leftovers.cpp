#include "host_config/unit_leftovers.hpp"

#include <algorithm>

#include "host_config/file_entries.hpp"
#include "host_config/line_removal.hpp"
#include "host_config/text.hpp"
#include "host_config/unit_directives.hpp"

namespace keeper {

namespace {

using host_text::base_name;
using host_text::shell_word;

using Kind = Statement::Kind;

/// `setup` changes the host, `program` makes one program use MPTCP, `every_program` all of them.
enum class Deed { nothing, setup, program, every_program };

Deed deed_of(const Statement& statement) {
    switch (statement.kind) {
    case Kind::program:
        return Deed::program;
    case Kind::every_program:
        return Deed::every_program;
    case Kind::sysctl:
    case Kind::limit:
    case Kind::endpoint:
    case Kind::endpoint_edit:
    case Kind::profile:
    case Kind::opaque:
        return Deed::setup;
    }
    return Deed::nothing;
}

bool does(const UnitDirective& directive, Deed deed) {
    const auto& all = directive.entry.statements;
    return std::any_of(all.begin(), all.end(), [&](const Statement& one) { return deed_of(one) == deed; });
}

bool runs_mptcpize(const UnitDirective& directive) {
    const auto& all = directive.entry.statements;
    return directive.is_command() && std::any_of(all.begin(), all.end(), [](const Statement& one) {
               return one.kind == Kind::program && one.name == "run";
           });
}

/// A file under systemd's folders has its name there; one from elsewhere that of the link to it.
const std::string& path_for_systemd(const HostFile& file) {
    const bool is_there = file.path.find("/systemd/system/") != std::string::npos;
    return is_there || file.links.empty() ? file.path : file.links.front();
}

/// Environment= with nothing but LD_PRELOAD=libmptcpwrap, as mptcpize writes it.
bool is_whole_preload(const UnitDirective& directive) {
    std::string value = directive.value;
    std::erase(value, '"');
    std::erase(value, '\'');
    return directive.key == "Environment" && !directive.is_continued && value.starts_with("LD_PRELOAD=") &&
           value.find_first_of(" \t:") == std::string::npos;
}

/// A unit's directives by what they mean.
struct UnitAnatomy {
    std::vector<UnitDirective> ours;
    bool has_other_commands = false;
    bool has_other_starts = false;   ///< of ExecStart=
    bool has_other_settings = false; ///< besides commands, and what only says when the unit runs
    [[nodiscard]] bool does(Deed deed) const {
        return std::any_of(
            ours.begin(), ours.end(), [&](const UnitDirective& one) { return keeper::does(one, deed); });
    }
    /// Commands that start a script which does nothing but what the keeper does.
    [[nodiscard]] bool starts_script() const {
        return std::any_of(
            ours.begin(), ours.end(), [](const UnitDirective& one) { return one.entry.statements.empty(); });
    }
    [[nodiscard]] std::string lines() const {
        std::string text;
        for (const UnitDirective& one : ours) {
            text += (text.empty() ? "" : ", ") + std::to_string(one.line);
        }
        return text;
    }
};

UnitAnatomy
unit_anatomy_of(const MechanismFile& file, const std::string& root, const SuperfluousScripts& scripts) {
    UnitAnatomy anatomy;
    const std::string folder = working_folder(file);
    for (UnitDirective& directive : unit_directives(file.file.text)) {
        const bool is_ours = is_superfluous(directive.entry, folder, root, scripts);
        if (is_ours || !directive.entry.statements.empty()) {
            anatomy.has_other_commands |= !is_ours && directive.is_command() && !runs_mptcpize(directive);
            anatomy.ours.push_back(std::move(directive));
        } else if (directive.is_command()) {
            anatomy.has_other_commands |= !directive.value.empty();
            anatomy.has_other_starts |= directive.key == "ExecStart" && !directive.value.empty();
        } else {
            anatomy.has_other_settings = true;
        }
    }
    return anatomy;
}

std::string take_out_of(const HostFile& file, const std::string& what, const std::string& lines) {
    return "# " + file.path + " does other things too: take " + what + " out of line " + lines;
}

/// The unit itself stays and starts its program without help.
std::vector<std::string> release_program(const HostFile& file, const UnitAnatomy& anatomy) {
    std::vector<std::string> commands;
    bool deletes = false;
    bool rewrites = false;
    for (const UnitDirective& one : anatomy.ours) {
        const bool is_run = runs_mptcpize(one);
        if (!is_run && !is_whole_preload(one)) {
            return {take_out_of(file, "libmptcpwrap", std::to_string(one.line))};
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

/// The directives go, one by one; a comment where the unit would be left without what it starts.
std::vector<std::string>
remove_lines(const MechanismFile& unit, const std::string& root, const UnitAnatomy& anatomy) {
    const bool starts_something_else =
        std::none_of(anatomy.ours.begin(), anatomy.ours.end(), [&](const auto& one) {
            return one.key == "ExecStart" && !anatomy.has_other_starts;
        });
    if (unit.file.path.starts_with(root + "/usr/lib/") || !starts_something_else) {
        return {"# " + unit.file.path + " does other things too: remove line " + anatomy.lines()};
    }
    std::vector<FileEntry> entries;
    for (const UnitDirective& one : anatomy.ours) {
        entries.push_back(one.entry);
    }
    return line_removals(unit, entries);
}

std::vector<std::string>
retire_unit(const MechanismFile& unit, const std::string& root, const UnitAnatomy& anatomy) {
    const HostFile& file = unit.file;
    if (!anatomy.does(Deed::setup) && !anatomy.does(Deed::every_program) && !anatomy.starts_script()) {
        const bool is_all =
            is_drop_in(file.path) && !anatomy.has_other_commands && !anatomy.has_other_settings;
        return is_all && std::all_of(anatomy.ours.begin(), anatomy.ours.end(), is_whole_preload)
                   ? std::vector{remove(file)}
                   : release_program(file, anatomy);
    }
    const bool is_mixed_drop_in = is_drop_in(file.path) && anatomy.has_other_settings;
    if (anatomy.has_other_commands || anatomy.does(Deed::program) || is_mixed_drop_in) {
        return remove_lines(unit, root, anatomy);
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
        name = base_name(path.substr(0, path.rfind('/')));
        name.resize(name.size() - 2);
    }
    if (name == "service") {
        return "*.service";
    }
    const std::size_t dot = name.rfind('.');
    const bool is_of_several =
        dot != std::string::npos && dot > 0 && (name[dot - 1] == '@' || name[dot - 1] == '-');
    return is_of_several ? name.insert(dot, "*") : name;
}

std::vector<ProgramLine> program_lines(const std::vector<MechanismFile>& files) {
    std::vector<ProgramLine> result;
    for (const MechanismFile& file : files) {
        if (file.mechanism->syntax != Syntax::unit) {
            continue;
        }
        for (const UnitDirective& one : unit_directives(file.file.text)) {
            if (does(one, Deed::program)) {
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
    const UnitAnatomy anatomy = unit_anatomy_of(unit, root, scripts);
    const bool is_packages_own_way = file.path.starts_with(root + "/usr/lib/") &&
                                     std::any_of(anatomy.ours.begin(), anatomy.ours.end(), runs_mptcpize);
    if (anatomy.ours.empty() || is_packages_own_way) {
        return std::nullopt;
    }
    const FileEntry& first = anatomy.ours.front().entry;
    std::string reason = first.statements.empty() ? "starts " + first.starts.front() +
                                                        ", which does nothing but what the keeper does"
                                                  : reason_of(first.statements.front(), Syntax::unit);
    if (!unit.idle.empty()) {
        reason += " (without effect now: " + unit.idle + ")";
    }
    Leftover leftover{file.path, reason, retire_unit(unit, root, anatomy)};
    leftover.is_exported = !anatomy.does(Deed::every_program);
    if (root.empty()) {
        leftover.commands.emplace_back("systemctl daemon-reload");
    }
    return leftover;
}

} // namespace keeper
