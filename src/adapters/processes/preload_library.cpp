#include "adapters/processes/preload_library.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <set>

namespace keeper {

namespace {

namespace fs = std::filesystem;

/// Class and machine of an ELF file (elf(5)): bytes 4, 18 and 19. Nothing for another file.
std::optional<std::array<char, 3>> architecture(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::array<char, 20> header{};
    if (!file.read(header.data(), header.size()) || std::string_view(header.data(), 4) != "\x7f"
                                                                                          "ELF") {
        return std::nullopt;
    }
    return std::array<char, 3>{header[4], header[18], header[19]};
}

/// The folders of packages: /usr/lib/mptcpize, /usr/lib64/mptcpize, /usr/lib/TRIPLET/mptcpize.
std::set<fs::path> folders() {
    std::set<fs::path> result{"/usr/lib64/mptcpize", "/usr/lib/mptcpize"};
    std::error_code error;
    for (fs::directory_iterator entry("/usr/lib", error), end; !error && entry != end;
         entry.increment(error)) {
        result.insert(entry->path() / "mptcpize");
    }
    return result;
}

} // namespace

std::optional<std::string> find_preload_library() {
    const auto own = architecture("/proc/self/exe");
    for (const fs::path& folder : folders()) {
        std::set<std::string> found;
        std::error_code error;
        for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
             entry.increment(error)) {
            const std::string name = entry->path().filename();
            if (name.starts_with("libmptcpwrap.so") && architecture(entry->path()) == own) {
                found.insert(entry->path());
            }
        }
        if (!found.empty()) {
            return *found.begin(); // the shortest name, which stays the same over updates
        }
    }
    return std::nullopt;
}

} // namespace keeper
