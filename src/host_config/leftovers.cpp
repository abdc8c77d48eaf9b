#include "host_config/leftovers.hpp"

#include <algorithm>
#include <iterator>

#include "host_config/file_entries.hpp"
#include "host_config/line_removal.hpp"
#include "host_config/mechanisms.hpp"
#include "host_config/started_files.hpp"
#include "host_config/text.hpp"
#include "host_config/unit_leftovers.hpp"

namespace keeper {

namespace {

using host_text::base_name;
using host_text::shell_word;
using Kind = Statement::Kind;

/// A file's entries by what they mean.
struct FileAnatomy {
    std::vector<FileEntry> ours;   ///< with statements, or starting what has some and nothing else
    std::vector<FileEntry> starts; ///< of `ours` those that only start such scripts
    bool does_more = false;
    [[nodiscard]] const Statement* first() const {
        for (const FileEntry& entry : ours) {
            if (!entry.statements.empty()) {
                return &entry.statements.front();
            }
        }
        return nullptr;
    }
    [[nodiscard]] bool has(Kind kind) const {
        return std::any_of(ours.begin(), ours.end(), [&](const FileEntry& entry) {
            return std::any_of(entry.statements.begin(), entry.statements.end(), [&](const Statement& one) {
                return one.kind == kind;
            });
        });
    }
};

/// Whether what is written as `name` is one of those scripts.
bool is_one_of(
    const std::set<std::string>& scripts,
    const std::string& name,
    const std::string& folder,
    const std::string& root) {
    const std::vector<std::string> places = places_of_started(name, folder);
    return std::any_of(places.begin(), places.end(), [&](const std::string& path) {
        return scripts.count(root + path) != 0;
    });
}

std::string folder_of(const MechanismFile& file, const std::string& root) {
    std::string folder = working_folder(file);
    folder.erase(0, !root.empty() && folder.starts_with(root) ? root.size() : 0);
    return folder;
}

FileAnatomy
anatomy_of(const MechanismFile& file, const std::string& root, const SuperfluousScripts& scripts) {
    FileAnatomy anatomy;
    const std::string folder = folder_of(file, root);
    for (FileEntry& entry : entries_of(file)) {
        const bool is_ours = is_superfluous(entry, folder, root, scripts);
        anatomy.does_more |= does_more(entry, folder, root, scripts);
        if (is_ours && entry.statements.empty()) {
            anatomy.starts.push_back(entry);
        }
        if (is_ours || !entry.statements.empty()) {
            anatomy.ours.push_back(std::move(entry));
        }
    }
    return anatomy;
}

/// Deepest first: a script is superfluous only where those that it starts are.
SuperfluousScripts superfluous_scripts(const std::vector<MechanismFile>& files, const std::string& root) {
    SuperfluousScripts scripts;
    for (auto file = files.rbegin(); file != files.rend(); ++file) {
        if (file->started_by.empty()) {
            continue;
        }
        const FileAnatomy anatomy = anatomy_of(*file, root, scripts);
        if (anatomy.does_more || anatomy.has(Kind::program) || anatomy.has(Kind::opaque)) {
            continue;
        }
        std::set<std::string>& paths = anatomy.ours.empty() ? scripts.harmless : scripts.ours;
        paths.insert(file->file.path);
        paths.insert(file->file.links.begin(), file->file.links.end());
    }
    return scripts;
}

bool is_packages(const MechanismFile& file, const std::string& root) {
    return file.file.path.starts_with(root + "/usr/lib/") || file.file.path.starts_with(root + "/lib/") ||
           file.file.path.starts_with(root + "/usr/share/");
}

/// Whether the mechanism's table names the file itself rather than a pattern: other programs expect it there.
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

/// Where a link to /dev/null keeps a package's file of that name from being read.
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
    if (!is_packages(file, root)) {
        return {removal_of(file.file)};
    }
    return {
        file.mechanism->shadows ? "ln -sf /dev/null " + shell_word(mask_of(file, root))
                                : "chmod -x " + shell_word(file.file.path)};
}

std::vector<std::string>
retire(const MechanismFile& file, const std::string& root, const FileAnatomy& anatomy) {
    const bool is_whole = !anatomy.does_more && !anatomy.has(Kind::program) && !anatomy.has(Kind::opaque);
    if (is_whole && (is_packages(file, root) || !is_expected(file, root))) {
        return retire_whole(file, root);
    }
    if (is_packages(file, root)) {
        return {
            "# " + file.file.path + " belongs to a package: put a copy without its " +
            (file.mechanism->syntax == Syntax::sysctl ? "net.mptcp lines" : "lines about MPTCP") + " into " +
            base_of_path(mask_of(file, root))};
    }
    return line_removals(file, anatomy.ours);
}

std::string reason_with_starter(const MechanismFile& file, const FileAnatomy& anatomy) {
    const Statement* first = anatomy.first();
    std::string reason = first != nullptr ? reason_of(*first, file.mechanism->syntax)
                                          : "starts " + anatomy.starts.front().starts.front() +
                                                ", which does nothing but what the keeper does";
    if (!file.started_by.empty()) {
        reason += "; " + file.started_by + " starts it";
    }
    return file.idle.empty() ? reason : reason + " (without effect now: " + file.idle + ")";
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
    const FileAnatomy anatomy = anatomy_of(file, root, scripts);
    if (anatomy.ours.empty()) {
        return;
    }
    Leftover leftover{file.file.path, reason_with_starter(file, anatomy), retire(file, root, anatomy)};
    leftover.is_exported =
        !anatomy.has(Kind::program) && !anatomy.has(Kind::every_program) && !anatomy.has(Kind::opaque);
    if (file.mechanism->syntax == Syntax::systemtap) {
        leftover.commands.insert(
            leftover.commands.begin(),
            "# once those units are named; end the stap that runs it, if one does");
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
    const bool starts_ours =
        std::any_of(entry.starts.begin(), entry.starts.end(), [&](const std::string& name) {
            return is_one_of(scripts.ours, name, folder, root);
        });
    return (!entry.statements.empty() || starts_ours) && !does_more(entry, folder, root, scripts);
}

bool does_more(
    const FileEntry& entry,
    const std::string& folder,
    const std::string& root,
    const SuperfluousScripts& scripts) {
    return entry.does_more ||
           std::any_of(entry.starts.begin(), entry.starts.end(), [&](const std::string& name) {
               return !is_one_of(scripts.ours, name, folder, root) &&
                      !is_one_of(scripts.harmless, name, folder, root);
           });
}

std::string reason_of(const Statement& statement, Syntax syntax) {
    switch (statement.kind) {
    case Kind::sysctl:
        return "sets net.mptcp sysctls: the section sysctl has that";
    case Kind::limit:
    case Kind::endpoint:
    case Kind::endpoint_edit:
        return "calls `ip mptcp`: the sections limits and endpoints have that";
    case Kind::profile:
        return syntax == Syntax::profile ? "sets connection.mptcp-flags: the section profiles has that"
                                         : "sets mptcp-flags by nmcli: the section profiles has that";
    case Kind::program:
        if (syntax != Syntax::unit) {
            return "makes a program use MPTCP: `mptcp-keeper run -- PROGRAM` in that line does it too";
        }
        return statement.name == "preload"
                   ? "makes a program use MPTCP, as `mptcpize enable` does: applications.units has that"
                   : "starts a program through mptcpize: applications.units has that";
    case Kind::every_program:
        return (statement.name == "preload"   ? std::string("preloads libmptcpwrap into all programs")
                : syntax == Syntax::systemtap ? std::string("makes all programs use MPTCP by SystemTap")
                : statement.name.starts_with("stap")
                    ? std::string("runs SystemTap to make all programs use MPTCP")
                    : "runs " + statement.name + " to make all programs use MPTCP") +
               ": nothing replaces that yet; name the units that need MPTCP under applications.units";
    case Kind::opaque:
        return "seems to set MPTCP up, in a language that is not read here: compare it with the "
               "configuration";
    }
    return "";
}

std::vector<Leftover> recipe_leftovers(const std::vector<MechanismFile>& files, const std::string& root) {
    const SuperfluousScripts scripts = superfluous_scripts(files, root);
    std::vector<Leftover> result;
    for (const MechanismFile& file : files) {
        add_leftover(file, root, scripts, result);
    }
    return result;
}

} // namespace keeper
