#include "adapters/files/mechanism_use.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

#include <sys/stat.h>

#include "adapters/files/files.hpp"

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

std::string against_mode(const struct stat& status, bool checks_owner) {
    if ((status.st_mode & S_IXUSR) == 0) {
        return "it is not executable";
    }
    if (checks_owner && status.st_uid != 0) {
        return "it does not belong to root";
    }
    return "";
}

std::set<std::string> units_that_others_want(const std::string& root) {
    std::set<std::string> wanted;
    for (const char* folder :
         {"/etc/systemd/system",
          "/run/systemd/system",
          "/run/systemd/generator",
          "/run/systemd/generator.late",
          "/usr/local/lib/systemd/system",
          "/usr/lib/systemd/system",
          "/lib/systemd/system"}) {
        std::error_code error;
        for (fs::directory_iterator entry(root + folder, error), end; !error && entry != end;
             entry.increment(error)) {
            const std::string name = entry->path().filename();
            if (!name.ends_with(".wants") && !name.ends_with(".requires") && !name.ends_with(".upholds")) {
                continue;
            }
            std::error_code inner;
            for (fs::directory_iterator link(entry->path(), inner), last; !inner && link != last;
                 link.increment(inner)) {
                wanted.insert(link->path().filename());
            }
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

std::string MechanismUse::reason_against(
    const HostMechanism& mechanism,
    const std::string& inside,
    const std::string& real,
    const std::string& text) {
    const std::string name = fs::path(inside).filename();
    if (without_backup_ending(name) != name) {
        return "its name is that of a backup";
    }
    struct stat status {};
    if (::stat(real.c_str(), &status) != 0) {
        return "";
    }
    const bool is_running_system = root_.empty();
    switch (mechanism.picks) {
    case Picks::every:
        return against_need(mechanism, inside);
    case Picks::executable:
        return against_mode(status, false);
    case Picks::run_parts:
        return is_run_parts_name(name)
                   ? against_mode(status, false)
                   : "run-parts ignores a name with other characters than letters, digits, - and _";
    case Picks::cron: {
        std::error_code error;
        const bool is_debian = fs::exists(root_ + "/etc/debian_version", error);
        if (is_debian && !is_run_parts_name(name)) {
            return "cron ignores a name with other characters than letters, digits, - and _";
        }
        return is_running_system && status.st_uid != 0 ? "it does not belong to root" : "";
    }
    case Picks::dispatcher:
        if ((status.st_mode & (S_IWGRP | S_IWOTH | S_ISUID)) != 0) {
            return "others than root may write it";
        }
        return against_mode(status, is_running_system);
    case Picks::unit:
        return against_unit(name, text);
    case Picks::init_script:
        return against_init_script(name);
    }
    return "";
}

std::string MechanismUse::against_unit(const std::string& name, const std::string& text) {
    if (!wanted_units_) {
        wanted_units_ = units_that_others_want(root_);
    }
    if (("\n" + text).find("\n[Install]") == std::string::npos) {
        return ""; // other units start it, or a person
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

std::string MechanismUse::against_init_script(const std::string& name) const {
    std::error_code error;
    for (const char* folder : {"/etc/systemd/system/", "/usr/lib/systemd/system/", "/lib/systemd/system/"}) {
        if (fs::exists(root_ + folder + name + ".service", error)) {
            return "a unit of that name takes its place";
        }
    }
    for (const char* level : {"2", "3", "4", "5", "S"}) {
        std::error_code none;
        for (const std::string folder : {"/etc/rc", "/etc/rc.d/rc"}) {
            for (fs::directory_iterator entry(root_ + folder + level + ".d", none), end;
                 !none && entry != end;
                 entry.increment(none)) {
                const std::string link = entry->path().filename();
                if (link.starts_with("S") && link.size() > 3 && link.substr(3) == name) {
                    return "";
                }
            }
        }
    }
    return "no runlevel starts it";
}

std::string MechanismUse::against_need(const HostMechanism& mechanism, const std::string& inside) const {
    if (mechanism.needed_file.empty()) {
        return "";
    }
    std::string needed(mechanism.needed_text);
    if (const std::size_t at = needed.find("{folder}"); at != std::string::npos) {
        needed.replace(at, 8, fs::path(inside).parent_path().filename().string());
    }
    const auto text = read_bounded(root_ + std::string(mechanism.needed_file), 64 * 1024);
    const bool is_there = text && *text && (*text)->find(needed) != std::string::npos;
    return is_there ? "" : std::string(mechanism.needed_file) + " does not contain " + needed;
}

} // namespace keeper
