#include "adapters/applications/unit_files.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <set>

#include <unistd.h>

#include "adapters/system/files.hpp"
#include "applications/declared_units.hpp"
#include "applications/socket_units.hpp"
#include "applications/unit_drop_ins.hpp"

namespace keeper {

namespace {

namespace fs = std::filesystem;

/// Where units are, those that count most first (systemd.unit(5)).
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
constexpr std::size_t largest_file = 256 * 1024;

std::string text_of(const fs::path& path) {
    auto text = read_bounded(path, largest_file);
    return text && *text ? std::move(**text) : "";
}

bool has_sockets(const std::string& name) {
    return name.ends_with(".service") || name.ends_with(".socket");
}

void add_names(const fs::path& folder, std::set<std::string>& names, int depth) {
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        const std::string name = entry->path().filename();
        if (has_sockets(name)) {
            names.insert(name);
        } else if (depth > 0 && (name.ends_with(".wants") || name.ends_with(".requires"))) {
            add_names(entry->path(), names, depth - 1);
        }
    }
}

} // namespace

std::vector<std::string> list_unit_names() {
    std::set<std::string> names;
    for (const char* folder : unit_folders) {
        add_names(folder, names, 1);
    }
    return {names.begin(), names.end()};
}

std::string aliased_unit(const std::string& unit) {
    const std::string suffix = unit.substr(std::min(unit.rfind('.'), unit.size()));
    for (const char* folder : unit_folders) {
        std::error_code error;
        const std::string target = fs::read_symlink(fs::path(folder) / unit, error).filename();
        if (!error && target != unit && target.ends_with(suffix)) {
            return target;
        }
    }
    return unit;
}

HostFile read_unit(const std::string& name) {
    HostFile unit;
    for (const std::string& file : {name, template_of(name)}) {
        for (const char* folder : unit_folders) {
            const std::string path = std::string(folder) + "/" + file;
            if (unit.path.empty() && ::access(path.c_str(), F_OK) == 0) {
                unit = {path, text_of(path)};
            }
        }
    }
    std::map<std::string, fs::path> drop_ins; // by name: those of /etc shadow the others
    for (const std::string& file : {name, template_of(name)}) {
        for (const char* folder : unit_folders) {
            std::error_code error;
            for (fs::directory_iterator entry(fs::path(folder) / (file + ".d"), error), end;
                 !error && entry != end;
                 entry.increment(error)) {
                if (entry->path().extension() == ".conf") {
                    drop_ins.emplace(entry->path().filename(), entry->path());
                }
            }
        }
    }
    for (const auto& [file, path] : drop_ins) {
        unit.text += "\n" + text_of(path);
    }
    return unit;
}

std::map<std::string, SocketUnit> read_socket_units(const std::vector<std::string>& names) {
    std::map<std::string, SocketUnit> units;
    for (const std::string& name : names) {
        if (name.ends_with(".socket")) {
            units.emplace(name, parse_socket_unit(read_unit(name).text, name));
        }
    }
    return units;
}

bool is_boot_unit_enabled() {
    return fs::is_symlink("/etc/systemd/system/multi-user.target.wants/mptcp-keeper-boot.service");
}

int systemd_version() {
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen("systemctl --version 2>/dev/null", "re"), pclose);
    std::array<char, 128> line{};
    if (!pipe || fgets(line.data(), line.size(), pipe.get()) == nullptr) {
        return 0;
    }
    return parse_systemd_version(line.data());
}

} // namespace keeper
