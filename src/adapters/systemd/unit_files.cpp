// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/systemd/unit_files.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <set>

#include <unistd.h>

#include "adapters/files/directory.hpp"
#include "adapters/files/files.hpp"
#include "adapters/processes/run_program.hpp"
#include "applications/declared_units.hpp"
#include "applications/socket_units.hpp"
#include "applications/unit_drop_ins.hpp"

namespace keeper {

namespace {

namespace fs = std::filesystem;

/// The unit folders, highest priority first (systemd.unit(5)).
constexpr std::array unit_folders = {
    "/etc/systemd/system.control",
    "/run/systemd/system.control",
    "/run/systemd/transient",
    "/run/systemd/generator.early",
    "/etc/systemd/system",
    "/run/systemd/system",
    "/run/systemd/generator",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
    "/run/systemd/generator.late"};

std::string text_of(const fs::path& path) {
    auto text = read_bounded(path, largest_host_file);
    return text && *text ? std::move(**text) : "";
}

/// A link to /dev/null, or an empty file: systemd then ignores drop-ins, too.
bool is_masked(const std::string& path) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    return fs::is_character_file(status) || (fs::is_regular_file(status) && fs::file_size(path, error) == 0);
}

bool has_sockets(const std::string& name) {
    return name.ends_with(".service") || name.ends_with(".socket");
}

bool is_unit_folder(const fs::path& folder) {
    return std::find(unit_folders.begin(), unit_folders.end(), folder) != unit_folders.end();
}

/// The unit that a link in one of systemd's folders is an alias of; "" if it is not an alias.
std::string target_of_alias(const fs::path& path) {
    std::error_code error;
    const fs::path target = (path.parent_path() / fs::read_symlink(path, error)).lexically_normal();
    const bool is_alias = !error && target.filename() != path.filename() &&
                          target.extension() == path.extension() && is_unit_folder(target.parent_path());
    return is_alias ? target.filename().string() : "";
}

void add_names(const fs::path& folder, std::set<std::string>& names, int depth) {
    for (const std::string& name : list_directory(folder).names) {
        if (has_sockets(name)) {
            names.insert(name);
        } else if (depth > 0 && (name.ends_with(".wants") || name.ends_with(".requires"))) {
            add_names(folder / name, names, depth - 1);
        }
    }
}

/// The files in the drop-in folders of the unit, by name: the first that is found shadows the others.
std::map<std::string, std::string> list_drop_ins(const std::string& name, const std::string& root) {
    std::map<std::string, std::string> drop_ins;
    for (const std::string& file : {name, template_of(name)}) {
        for (const char* folder : unit_folders) {
            const std::string path = root + folder + "/" + file + ".d";
            for (const std::string& drop_in : list_directory(path).names) {
                if (fs::path(drop_in).extension() == ".conf") {
                    drop_ins.emplace(drop_in, path + "/" + drop_in);
                }
            }
        }
    }
    return drop_ins;
}

/// The unit's file, and its drop-ins except those with that name.
HostFile read_unit_without(const std::string& name, const std::string& root, std::string_view excluded) {
    HostFile unit;
    for (const std::string& file : {name, template_of(name)}) {
        for (const char* folder : unit_folders) {
            const std::string path = root + folder + "/" + file;
            if (unit.path.empty() && ::access(path.c_str(), F_OK) == 0) {
                unit = {path, text_of(path)};
            }
        }
    }
    if (is_masked(unit.path)) {
        return unit;
    }
    for (const auto& [file, path] : list_drop_ins(name, root)) {
        unit.text += file == excluded ? "" : "\n" + text_of(path);
    }
    return unit;
}

} // namespace

std::vector<std::string> list_unit_names() {
    std::set<std::string> names;
    for (const char* folder : unit_folders) {
        add_names(folder, names, 1);
    }
    for (const auto& [alias, unit] : read_unit_aliases()) {
        names.erase(alias);
    }
    return {names.begin(), names.end()};
}

std::map<std::string, std::string> read_unit_aliases() {
    std::map<std::string, std::string> links; // by name; the first folder wins
    for (const char* folder : unit_folders) {
        for (const std::string& name : list_directory(folder).names) {
            if (has_sockets(name)) {
                links.emplace(name, target_of_alias(fs::path(folder) / name));
            }
        }
    }
    std::map<std::string, std::string> aliases;
    for (const auto& [name, target] : links) {
        std::string id = target;
        constexpr int most_links = 8;
        for (int followed = 0; followed < most_links && links.count(id) != 0 && !links.at(id).empty();
             ++followed) {
            id = links.at(id);
        }
        if (!target.empty() && id != name) {
            aliases.emplace(name, id);
        }
    }
    return aliases;
}

std::set<std::string> find_early_units(const std::vector<std::string>& names) {
    std::map<std::string, fs::path> entries; // units and drop-in folders by name; the first folder wins
    for (const char* folder : unit_folders) {
        for (const std::string& name : list_directory(folder).names) {
            entries.emplace(name, fs::path(folder) / name);
        }
    }
    std::set<std::string> early;
    for (const std::string& name : names) {
        const auto file = entries.find(name);
        const bool has_drop_ins = entries.count(name + ".d") + entries.count(template_of(name) + ".d") > 0;
        const bool is_whole = file != entries.end() && !has_drop_ins;
        if (lacks_default_dependencies(is_whole ? text_of(file->second) : read_unit(name).text)) {
            early.insert(name);
        }
    }
    return early;
}

std::string aliased_unit(const std::string& unit) {
    return unit_id(unit, read_unit_aliases());
}

HostFile read_unit(const std::string& name, const std::string& root) {
    return read_unit_without(name, root, "");
}

std::map<std::string, SocketUnit> read_socket_units(const std::vector<std::string>& names) {
    std::map<std::string, SocketUnit> units;
    for (const std::string& name : names) {
        if (name.ends_with(".socket")) {
            // What the unit asks for itself decides whether it needs a drop-in of this program.
            units.emplace(name, parse_socket_unit(read_unit_without(name, "", drop_in_name).text, name));
        }
    }
    return units;
}

bool is_boot_unit_enabled() {
    return fs::is_symlink("/etc/systemd/system/multi-user.target.wants/mptcp-keeper-boot.service");
}

int systemd_version() {
    const auto output = run_program({"systemctl", "--version"}, std::chrono::seconds(10));
    return output ? parse_systemd_version(output->out) : 0;
}

} // namespace keeper
