// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/files/mechanism_use.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

#include <sys/stat.h>

#include "adapters/files/directory.hpp"
#include "adapters/files/files.hpp"
#include "adapters/files/real_path.hpp"

namespace keeper {

namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 14> backup_endings = {
    "~",
    ".bak",
    ".old",
    ".orig",
    ".save",
    ".swp",
    ".disabled",
    ".dpkg-old",
    ".dpkg-new",
    ".dpkg-dist",
    ".rpmsave",
    ".rpmnew",
    ".rpmorig",
    ".ucf-old"};

bool is_run_parts_name(const std::string& name) {
    return std::all_of(name.begin(), name.end(), [](char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
               (letter >= '0' && letter <= '9') || letter == '-' || letter == '_';
    });
}

std::string reason_by_mode(const struct stat& status, bool checks_owner) {
    if ((status.st_mode & S_IXUSR) == 0) {
        return "it is not executable";
    }
    if (checks_owner && status.st_uid != 0) {
        return "it is not owned by root";
    }
    return "";
}

/// Whether there is such a file, or a link of that name: a masked unit is a link to /dev/null.
bool has_entry(const std::string& root, const std::string& inside) {
    std::error_code error;
    return fs::exists(fs::symlink_status(entry_in_root(root, inside), error));
}

std::set<std::string> wanted_units(const std::string& root) {
    std::set<std::string> wanted;
    for (const char* folder :
         {"/etc/systemd/system",
          "/run/systemd/system",
          "/run/systemd/generator",
          "/run/systemd/generator.late",
          "/usr/local/lib/systemd/system",
          "/usr/lib/systemd/system",
          "/lib/systemd/system"}) {
        for (const std::string& name : list_directory(path_in_root(root, folder)).names) {
            if (!name.ends_with(".wants") && !name.ends_with(".requires") && !name.ends_with(".upholds")) {
                continue;
            }
            const std::string wanted_folder = path_in_root(root, folder + ("/" + name));
            const auto links = list_directory(wanted_folder).names;
            wanted.insert(links.begin(), links.end());
        }
    }
    return wanted;
}

} // namespace

std::string without_backup_ending(const std::string& name) {
    for (const std::string_view ending : backup_endings) {
        if (name.size() > ending.size() && name.ends_with(ending)) {
            return name.substr(0, name.size() - ending.size());
        }
    }
    return name;
}

std::string MechanismUse::reason_unused(
    const HostMechanism& mechanism,
    const std::string& inside,
    const std::string& real,
    const std::string& text) {
    const std::string name = fs::path(inside).filename();
    if (without_backup_ending(name) != name) {
        return "its name is that of a backup file";
    }
    struct stat status {};
    if (::stat(real.c_str(), &status) != 0) {
        return "";
    }
    const bool is_running_system = root_.empty();
    switch (mechanism.picks) {
    case Picks::every:
        return reason_by_needed_file(mechanism, inside);
    case Picks::executable:
        return reason_by_mode(status, false);
    case Picks::run_parts:
        return is_run_parts_name(name)
                   ? reason_by_mode(status, false)
                   : "run-parts ignores names with characters other than letters, digits, - and _";
    case Picks::cron: {
        const bool is_debian = has_entry(root_, "/etc/debian_version");
        if (is_debian && !is_run_parts_name(name)) {
            return "cron ignores names with characters other than letters, digits, - and _";
        }
        return is_running_system && status.st_uid != 0 ? "it is not owned by root" : "";
    }
    case Picks::dispatcher:
        if ((status.st_mode & (S_IWGRP | S_IWOTH | S_ISUID)) != 0) {
            return "it is writable by users other than root, or setuid";
        }
        return reason_by_mode(status, is_running_system);
    case Picks::unit:
        return reason_by_unit(name, text);
    case Picks::init_script:
        return reason_by_init_script(name);
    }
    return "";
}

std::string MechanismUse::reason_by_unit(const std::string& name, const std::string& text) {
    if (!wanted_units_) {
        wanted_units_ = wanted_units(root_);
    }
    if (("\n" + text).find("\n[Install]") == std::string::npos) {
        return ""; // started by other units or by hand
    }
    const std::string stem = name.substr(0, name.rfind('.'));
    const bool is_wanted =
        std::any_of(wanted_units_->begin(), wanted_units_->end(), [&](const std::string& one) {
            const bool is_instance =
                stem.ends_with("@") && one.starts_with(stem) && one.ends_with(".service");
            return one == name || is_instance || one == stem + ".timer" || one == stem + ".path" ||
                   one == stem + ".socket";
        });
    return is_wanted ? "" : "it is not enabled";
}

std::string MechanismUse::reason_by_init_script(const std::string& name) const {
    for (const std::string folder :
         {"/etc/systemd/system/", "/usr/lib/systemd/system/", "/lib/systemd/system/"}) {
        if (has_entry(root_, folder + name + ".service")) {
            return "a unit with the same name replaces it";
        }
    }
    for (const char* level : {"2", "3", "4", "5", "S"}) {
        for (const std::string folder : {"/etc/rc", "/etc/rc.d/rc"}) {
            for (const std::string& link : list_directory(path_in_root(root_, folder + level + ".d")).names) {
                if (link.starts_with("S") && link.size() > 3 && link.substr(3) == name) {
                    return "";
                }
            }
        }
    }
    return "no runlevel starts it";
}

std::string
MechanismUse::reason_by_needed_file(const HostMechanism& mechanism, const std::string& inside) const {
    if (mechanism.needed_file.empty()) {
        return "";
    }
    std::string needed(mechanism.needed_text);
    if (const std::size_t at = needed.find("{folder}"); at != std::string::npos) {
        needed.replace(at, 8, fs::path(inside).parent_path().filename().string());
    }
    const auto text = read_bounded(path_in_root(root_, std::string(mechanism.needed_file)), 64 * 1024);
    const bool is_there = text && *text && (*text)->find(needed) != std::string::npos;
    return is_there ? "" : std::string(mechanism.needed_file) + " does not contain " + needed;
}

} // namespace keeper
