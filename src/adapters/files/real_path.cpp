// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/files/real_path.hpp"

#include <filesystem>
#include <list>

#include "base/text/path_name.hpp"

namespace keeper {

namespace {

namespace fs = std::filesystem;
constexpr int most_links = 40; // the kernel's MAXSYMLINKS

/// A path without links, or where and why it could not be resolved.
struct Resolution {
    std::string path;
    std::error_code error = {};
};

Resolution resolve_links(const std::string& root, const std::string& inside) {
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
            done = done.parent_path(); // that of "/" is "/"
            continue;
        }
        std::error_code error;
        const fs::path here = root + (done / part).string();
        const fs::file_status status = fs::symlink_status(here, error);
        if (!fs::exists(status)) { // without an error also if there is no such file
            return {here, error ? error : std::make_error_code(std::errc::no_such_file_or_directory)};
        }
        if (!fs::is_symlink(status)) {
            done /= part;
            continue;
        }
        const fs::path target = fs::read_symlink(here, error);
        if (error || ++links > most_links) {
            return {here, std::make_error_code(std::errc::too_many_symbolic_link_levels)};
        }
        left.insert(left.begin(), target.begin(), target.end());
        if (target.is_absolute()) {
            done = "/";
        }
    }
    return {root + done.string()};
}

} // namespace

std::optional<std::string> real_path(const std::string& root, const std::string& inside) {
    Resolution found = resolve_links(root, inside);
    return found.error ? std::nullopt : std::optional(std::move(found.path));
}

std::string path_in_root(const std::string& root, const std::string& inside) {
    if (root.empty()) {
        return inside;
    }
    Resolution found = resolve_links(root, inside);
    const bool is_forbidden = found.error == std::errc::permission_denied;
    return !found.error || is_forbidden ? std::move(found.path) : "";
}

std::string entry_in_root(const std::string& root, const std::string& inside) {
    if (root.empty()) {
        return inside;
    }
    const std::string folder = path_in_root(root, folder_of_path(inside));
    if (folder.empty()) {
        return "";
    }
    return (folder.ends_with("/") ? folder : folder + "/") + base_name(inside);
}

std::optional<std::string> RealPaths::of_folder(const std::string& inside) {
    const std::string folder = folder_of_path(inside);
    const auto [known, is_new] = folders_.emplace(folder, std::nullopt);
    if (is_new) {
        known->second = real_path(root_, folder);
        if (known->second && known->second->ends_with("/")) {
            known->second->pop_back(); // the root itself
        }
    }
    return known->second;
}

std::optional<std::string> RealPaths::of(const std::string& inside) {
    const std::string name = base_name(inside);
    const auto folder = of_folder(inside);
    if (!folder || name.empty() || name == "." || name == "..") {
        return real_path(root_, inside);
    }
    std::error_code error;
    std::string path = *folder + "/" + name;
    const fs::file_status status = fs::symlink_status(path, error);
    if (error || !fs::exists(status)) {
        return std::nullopt;
    }
    return fs::is_symlink(status) ? real_path(root_, inside) : std::optional(std::move(path));
}

} // namespace keeper
