#include "adapters/systemd/unit_files.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <set>

#include <unistd.h>

#include "adapters/files/files.hpp"
#include "adapters/processes/run_program.hpp"
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

bool is_unit_folder(const fs::path& folder) {
    return std::find(unit_folders.begin(), unit_folders.end(), folder) != unit_folders.end();
}

/// What a link in one of systemd's folders makes its name an alias of; "" where it does not.
std::string target_of_alias(const fs::path& path) {
    std::error_code error;
    const fs::path target = (path.parent_path() / fs::read_symlink(path, error)).lexically_normal();
    const bool is_alias = !error && target.filename() != path.filename() &&
                          target.extension() == path.extension() && is_unit_folder(target.parent_path());
    return is_alias ? target.filename().string() : "";
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
    for (const auto& [alias, unit] : read_unit_aliases()) {
        names.erase(alias);
    }
    return {names.begin(), names.end()};
}

std::map<std::string, std::string> read_unit_aliases() {
    std::map<std::string, std::string> links; // by the name that counts: of one in two folders the first
    for (const char* folder : unit_folders) {
        std::error_code error;
        for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
             entry.increment(error)) {
            if (has_sockets(entry->path().filename())) {
                links.emplace(entry->path().filename(), target_of_alias(entry->path()));
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
    std::map<std::string, fs::path>
        entries; // units and folders of drop-ins: of one name the first that counts
    for (const char* folder : unit_folders) {
        std::error_code error;
        for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
             entry.increment(error)) {
            entries.emplace(entry->path().filename(), entry->path());
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
    const auto output = run_program({"systemctl", "--version"}, std::chrono::seconds(10));
    return output ? parse_systemd_version(output->out) : 0;
}

} // namespace keeper
