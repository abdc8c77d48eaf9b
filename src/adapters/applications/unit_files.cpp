#include "adapters/applications/unit_files.hpp"

#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <set>

#include "applications/unit_drop_ins.hpp"

namespace keeper {

namespace {

namespace fs = std::filesystem;

constexpr std::array unit_folders = {
    "/etc/systemd/system",
    "/run/systemd/transient",
    "/run/systemd/generator.early",
    "/run/systemd/system",
    "/run/systemd/generator",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
    "/run/systemd/generator.late"};

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

int systemd_version() {
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen("systemctl --version 2>/dev/null", "re"), pclose);
    std::array<char, 128> line{};
    if (!pipe || fgets(line.data(), line.size(), pipe.get()) == nullptr) {
        return 0;
    }
    return parse_systemd_version(line.data());
}

} // namespace keeper
