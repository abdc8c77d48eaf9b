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
    for (const char* folder :
         {"/etc/systemd/system",
          "/run/systemd/system",
          "/run/systemd/generator",
          "/usr/local/lib/systemd/system",
          "/usr/lib/systemd/system",
          "/lib/systemd/system"}) {
        add_names(folder, names, 1);
    }
    return {names.begin(), names.end()};
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
