#include "adapters/system/real_path.hpp"

#include <filesystem>
#include <list>

namespace keeper {

namespace {

namespace fs = std::filesystem;
constexpr int most_links = 40; // as the kernel's own MAXSYMLINKS

} // namespace

std::optional<std::string> real_path(const std::string& root, const std::string& inside) {
    fs::path done("/");
    const fs::path asked(inside);
    std::list<fs::path> left(asked.begin(), asked.end());
    int links = 0;
    while (!left.empty()) {
        const fs::path part = left.front();
        left.pop_front();
        if (part.empty() || part == "." || part == "/") {
            continue;
        }
        if (part == "..") {
            done = done.parent_path(); // of "/" that is "/" itself
            continue;
        }
        std::error_code error;
        const fs::path here = root + (done / part).string();
        const fs::file_status status = fs::symlink_status(here, error);
        if (error || !fs::exists(status)) {
            return std::nullopt;
        }
        if (!fs::is_symlink(status)) {
            done /= part;
            continue;
        }
        const fs::path target = fs::read_symlink(here, error);
        if (error || ++links > most_links) {
            return std::nullopt;
        }
        left.insert(left.begin(), target.begin(), target.end());
        if (target.is_absolute()) {
            done = "/";
        }
    }
    return root + done.string();
}

} // namespace keeper
