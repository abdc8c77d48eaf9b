// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host_config/leftovers.hpp"

#include <algorithm>
#include <iterator>

#include "base/text/path_name.hpp"
#include "base/text/shell_word.hpp"
#include "host_config/file_entries.hpp"
#include "host_config/line_removal.hpp"
#include "host_config/mechanisms.hpp"
#include "host_config/started_files.hpp"
#include "host_config/unit_leftovers.hpp"

namespace keeper {

namespace {

using Kind = Statement::Kind;

/// A file's entries by their effect.
struct ClassifiedFile {
    std::vector<FileEntry> about_mptcp; ///< with statements, or starting scripts that only configure MPTCP
    std::vector<FileEntry> starts;      ///< those of `about_mptcp` that only start such scripts
    bool has_other_effects = false;
    [[nodiscard]] const Statement* first() const {
        for (const FileEntry& entry : about_mptcp) {
            if (!entry.statements.empty()) {
                return &entry.statements.front();
            }
        }
        return nullptr;
    }
    [[nodiscard]] bool has(Kind kind) const {
        return std::any_of(about_mptcp.begin(), about_mptcp.end(), [&](const FileEntry& entry) {
            return std::any_of(entry.statements.begin(), entry.statements.end(), [&](const Statement& one) {
                return one.kind == kind;
            });
        });
    }
};

/// Whether `name` refers to one of the scripts.
bool is_any_of(
    const std::set<std::string>& scripts,
    const std::string& name,
    const std::string& folder,
    const std::string& root) {
    const std::vector<std::string> places = candidate_paths(name, folder);
    return std::any_of(places.begin(), places.end(), [&](const std::string& path) {
        return scripts.count(root + path) != 0;
    });
}

std::string folder_of(const MechanismFile& file, const std::string& root) {
    std::string folder = working_folder(file);
    folder.erase(0, !root.empty() && folder.starts_with(root) ? root.size() : 0);
    return folder;
}

ClassifiedFile
classify(const MechanismFile& file, const std::string& root, const SuperfluousScripts& scripts) {
    ClassifiedFile content;
    const std::string folder = folder_of(file, root);
    for (FileEntry& entry : entries_of(file)) {
        const bool is_mptcp_only = is_superfluous(entry, folder, root, scripts);
        content.has_other_effects |= has_other_effects(entry, folder, root, scripts);
        if (is_mptcp_only && entry.statements.empty()) {
            content.starts.push_back(entry);
        }
        if (is_mptcp_only || !entry.statements.empty()) {
            content.about_mptcp.push_back(std::move(entry));
        }
    }
    return content;
}

/// Deepest first: a script is superfluous only if the scripts that it starts are.
SuperfluousScripts superfluous_scripts(const std::vector<MechanismFile>& files, const std::string& root) {
    SuperfluousScripts scripts;
    for (auto file = files.rbegin(); file != files.rend(); ++file) {
        if (file->started_by.empty()) {
            continue;
        }
        const ClassifiedFile content = classify(*file, root, scripts);
        if (content.has_other_effects || content.has(Kind::program) || content.has(Kind::opaque)) {
            continue;
        }
        std::set<std::string>& paths = content.about_mptcp.empty() ? scripts.neutral : scripts.mptcp_only;
        paths.insert(file->file.path);
        paths.insert(file->file.links.begin(), file->file.links.end());
    }
    return scripts;
}

bool belongs_to_package(const MechanismFile& file, const std::string& root) {
    return file.file.path.starts_with(root + "/usr/lib/") || file.file.path.starts_with(root + "/lib/") ||
           file.file.path.starts_with(root + "/usr/share/");
}

/// Whether the mechanism lists the file by name and not by a pattern: other programs expect it to exist.
bool is_expected(const MechanismFile& file, const std::string& root) {
    if (file.mechanism->syntax == Syntax::shell) {
        return false;
    }
    const auto& places = file.mechanism->places;
    const bool is_named = std::any_of(places.begin(), places.end(), [&](std::string_view place) {
        return file.file.path == root + std::string(place);
    });
    return is_named || (file.mechanism->syntax == Syntax::sysctl && !file.file.links.empty());
}

std::string removal_of(const HostFile& file) {
    std::string command = "rm " + shell_word(file.path);
    for (const std::string& link : file.links) {
        command += " " + shell_word(link);
    }
    return command;
}

/// The path where a link to /dev/null masks a package's file of that name.
std::string mask_of(const MechanismFile& file, const std::string& root) {
    std::string path = file.file.links.empty() ? file.file.path : file.file.links.front();
    path.erase(0, root.size());
    for (const std::string_view vendor : {"/usr/lib/", "/lib/"}) {
        if (path.starts_with(vendor)) {
            return root + "/etc/" + path.substr(vendor.size());
        }
    }
    return root + path;
}

std::vector<std::string> retire_whole(const MechanismFile& file, const std::string& root) {
    if (file.mechanism->picks == Picks::init_script) {
        const std::string name = base_name(file.file.path);
        return {
            root.empty() ? "systemctl disable --now " + shell_word(name)
                         : "rm -f " + shell_word(root) + "/etc/rc*.d/S??" + shell_word(name),
            removal_of(file.file)};
    }
    if (!belongs_to_package(file, root)) {
        return {removal_of(file.file)};
    }
    return {
        file.mechanism->shadows ? "ln -sf /dev/null " + shell_word(mask_of(file, root))
                                : "chmod -x " + shell_word(file.file.path)};
}

std::vector<std::string>
retire(const MechanismFile& file, const std::string& root, const ClassifiedFile& content) {
    const bool is_whole =
        !content.has_other_effects && !content.has(Kind::program) && !content.has(Kind::opaque);
    if (is_whole && (belongs_to_package(file, root) || !is_expected(file, root))) {
        return retire_whole(file, root);
    }
    if (belongs_to_package(file, root)) {
        return {
            "# " + file.file.path + " belongs to a package: put a copy without its " +
            (file.mechanism->syntax == Syntax::sysctl ? "net.mptcp lines" : "MPTCP lines") + " into " +
            folder_of_path(mask_of(file, root))};
    }
    return line_removals(file, content.about_mptcp);
}

std::string reason_with_starter(const MechanismFile& file, const ClassifiedFile& content) {
    const Statement* first = content.first();
    std::string reason = first != nullptr ? reason_of(*first, file.mechanism->syntax)
                                          : "starts " + content.starts.front().starts.front() +
                                                ", which only configures MPTCP";
    if (!file.started_by.empty()) {
        reason += "; started by " + file.started_by;
    }
    return file.idle.empty() ? reason : reason + " (currently without effect: " + file.idle + ")";
}

void add_leftover(
    const MechanismFile& file,
    const std::string& root,
    const SuperfluousScripts& scripts,
    std::vector<Leftover>& result) {
    if (file.mechanism->syntax == Syntax::unit) {
        if (auto leftover = unit_leftover(file, root, scripts)) {
            result.push_back(std::move(*leftover));
        }
        return;
    }
    const ClassifiedFile content = classify(file, root, scripts);
    if (content.about_mptcp.empty()) {
        return;
    }
    Leftover leftover{file.file.path, reason_with_starter(file, content), retire(file, root, content)};
    leftover.is_exported =
        !content.has(Kind::program) && !content.has(Kind::every_program) && !content.has(Kind::opaque);
    if (file.mechanism->syntax == Syntax::systemtap) {
        leftover.commands.insert(
            leftover.commands.begin(),
            "# once these units are declared; stop the stap process that runs it, if any");
    }
    if (root.empty() && !file.mechanism->reload.empty()) {
        leftover.commands.emplace_back(file.mechanism->reload);
    }
    result.push_back(std::move(leftover));
}

} // namespace

bool is_superfluous(
    const FileEntry& entry,
    const std::string& folder,
    const std::string& root,
    const SuperfluousScripts& scripts) {
    const bool starts_mptcp_only =
        std::any_of(entry.starts.begin(), entry.starts.end(), [&](const std::string& name) {
            return is_any_of(scripts.mptcp_only, name, folder, root);
        });
    return (!entry.statements.empty() || starts_mptcp_only) &&
           !has_other_effects(entry, folder, root, scripts);
}

bool has_other_effects(
    const FileEntry& entry,
    const std::string& folder,
    const std::string& root,
    const SuperfluousScripts& scripts) {
    return entry.has_other_effects ||
           std::any_of(entry.starts.begin(), entry.starts.end(), [&](const std::string& name) {
               return !is_any_of(scripts.mptcp_only, name, folder, root) &&
                      !is_any_of(scripts.neutral, name, folder, root);
           });
}

std::string reason_of(const Statement& statement, Syntax syntax) {
    switch (statement.kind) {
    case Kind::sysctl:
        return "sets net.mptcp sysctls; use the sysctl section instead";
    case Kind::limit:
    case Kind::endpoint:
    case Kind::endpoint_edit:
        return "runs `ip mptcp`; use the limits and endpoints sections instead";
    case Kind::profile:
        return syntax == Syntax::profile ? "sets connection.mptcp-flags; use the profiles section instead"
                                         : "sets mptcp-flags with nmcli; use the profiles section instead";
    case Kind::program:
        if (syntax != Syntax::unit) {
            return "makes a program use MPTCP; use `mptcp-keeper run -- PROGRAM` there instead";
        }
        return statement.name == "preload"
                   ? "makes a program use MPTCP, as `mptcpize enable` does; use applications.units instead"
                   : "starts a program through mptcpize; use applications.units instead";
    case Kind::every_program:
        return (statement.name == "preload"   ? std::string("preloads libmptcpwrap into all programs")
                : syntax == Syntax::systemtap ? std::string("makes all programs use MPTCP through SystemTap")
                : statement.name.starts_with("stap")
                    ? std::string("runs SystemTap to make all programs use MPTCP")
                    : "runs " + statement.name + " to make all programs use MPTCP") +
               "; the configuration has no equivalent: declare the units that need MPTCP under applications.units";
    case Kind::opaque:
        return "seems to configure MPTCP, in a language that mptcp-keeper does not read; compare it with the configuration";
    }
    return "";
}

std::vector<Leftover> find_leftovers(const std::vector<MechanismFile>& files, const std::string& root) {
    const SuperfluousScripts scripts = superfluous_scripts(files, root);
    std::vector<Leftover> result;
    for (const MechanismFile& file : files) {
        add_leftover(file, root, scripts, result);
    }
    return result;
}

} // namespace keeper
