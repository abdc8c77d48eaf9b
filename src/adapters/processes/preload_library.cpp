// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/processes/preload_library.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <set>

#include "adapters/files/directory.hpp"

namespace keeper {

namespace {

namespace fs = std::filesystem;

/// Class and machine of an ELF file (elf(5)): bytes 4, 18 and 19. std::nullopt for another file.
std::optional<std::array<char, 3>> architecture(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::array<char, 20> header{};
    if (!file.read(header.data(), header.size()) || std::string_view(header.data(), 4) != "\x7f"
                                                                                          "ELF") {
        return std::nullopt;
    }
    return std::array<char, 3>{header[4], header[18], header[19]};
}

/// The folders that packages use: /usr/lib/mptcpize, /usr/lib64/mptcpize, /usr/lib/TRIPLET/mptcpize.
std::set<fs::path> folders() {
    std::set<fs::path> result{"/usr/lib64/mptcpize", "/usr/lib/mptcpize"};
    for (const std::string& name : list_directory("/usr/lib").names) {
        result.insert(fs::path("/usr/lib") / name / "mptcpize");
    }
    return result;
}

} // namespace

std::optional<std::string> find_preload_library() {
    const auto own = architecture("/proc/self/exe");
    for (const fs::path& folder : folders()) {
        for (const std::string& name : list_directory(folder).names) {
            const fs::path path = folder / name;
            if (name.starts_with("libmptcpwrap.so") && architecture(path) == own) {
                return path; // the shortest name, which does not change with updates
            }
        }
    }
    return std::nullopt;
}

} // namespace keeper
