// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/files/mechanism_files.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>

#include <fcntl.h>
#include <fnmatch.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/files/directory.hpp"
#include "adapters/files/files.hpp"
#include "adapters/files/mechanism_use.hpp"
#include "adapters/files/real_path.hpp"
#include "adapters/files/unique_fd.hpp"
#include "base/text/path_name.hpp"

namespace keeper {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_names = 1024; ///< in one folder
constexpr std::size_t most_bytes = 32 * 1024 * 1024;

/// The paths inside the root that a place matches, including backups of such files.
void expand(
    const std::string& root,
    std::string_view place,
    const std::string& before,
    std::vector<std::string>& paths) {
    const std::size_t glob = place.find_first_of("*?[");
    if (glob == std::string_view::npos) {
        paths.push_back(before + std::string(place));
        return;
    }
    const std::size_t slash = place.rfind('/', glob);
    const std::size_t end = std::min(place.find('/', glob), place.size());
    const std::string folder = before + std::string(place.substr(0, slash));
    const std::string pattern(place.substr(slash + 1, end - slash - 1));
    const bool is_last = end == place.size();
    for (const std::string& name : list_directory(path_in_root(root, folder), most_names).names) {
        const std::string compared = is_last ? without_backup_ending(name) : name;
        if (::fnmatch(pattern.c_str(), compared.c_str(), FNM_PERIOD) == 0) {
            expand(root, place.substr(end), folder + "/" + name, paths);
        }
    }
}

/// Identifies files of which a mechanism uses only one: those with the same name in the same kind of folder.
std::string shadow_key(const HostMechanism& mechanism, const std::string& path) {
    const fs::path file(path);
    return mechanism.picks == Picks::unit ? file.filename().string()
                                          : (file.parent_path().filename() / file.filename()).string();
}

std::vector<std::string> paths_of(const std::string& root, const HostMechanism& mechanism) {
    std::vector<std::string> paths;
    for (const std::string_view place : mechanism.places) {
        expand(root, place, "", paths);
    }
    if (!mechanism.shadows) {
        return paths;
    }
    std::map<std::string, std::string> by_name; // in the order in which the mechanism reads them
    for (std::string& path : paths) {
        by_name[fs::path(path).filename().string() + "/" + shadow_key(mechanism, path)] = std::move(path);
    }
    std::vector<std::string> result;
    for (auto& [name, path] : by_name) {
        result.push_back(std::move(path));
    }
    return result;
}

/// Whether neither the file nor its folder's last component is a link; earlier components may be (/lib).
bool is_same_place(RealPaths& paths, const std::string& path, const std::string& real) {
    const auto folder = paths.of_folder(path);
    return folder && *folder + "/" + base_name(path) == real;
}

/// The link's own path. Below a root no folder in it is a link, which could lead a command out of the tree.
std::string path_of_link(RealPaths& paths, const std::string& root, const std::string& path) {
    const auto folder = root.empty() ? std::nullopt : paths.of_folder(path);
    return folder ? *folder + "/" + base_name(path) : root + path;
}

bool is_program(const std::string& path) {
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    std::array<char, 512> start{};
    struct stat status {};
    if (!file || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
        return true;
    }
    const ssize_t length = ::read(file.get(), start.data(), start.size());
    return length < 0 || std::find(start.begin(), start.begin() + length, '\0') != start.begin() + length;
}

class MechanismCollection {
  public:
    explicit MechanismCollection(const std::string& root) : root_(root), real_paths_(root), use_(root) {}

    void add(const HostMechanism& mechanism) {
        for (const std::string& path : paths_of(root_, mechanism)) {
            add(mechanism, path);
        }
    }
    std::vector<MechanismFile> take() { return std::move(files_); }

  private:
    void add(const HostMechanism& mechanism, const std::string& path) {
        const auto real = real_paths_.of(path);
        if (!real) {
            return;
        }
        const bool is_link = !is_same_place(real_paths_, path, *real);
        const auto known = by_path_.find(*real);
        const std::string link = is_link ? path_of_link(real_paths_, root_, path) : "";
        if (known != by_path_.end()) {
            std::vector<std::string>& links = files_[known->second].file.links;
            if (is_link && std::find(links.begin(), links.end(), link) == links.end()) {
                links.push_back(link);
            }
            return;
        }
        if (is_program(*real)) {
            return;
        }
        auto text = read_bounded(*real, largest_host_file);
        if (!text || !*text || (bytes_ += (*text)->size()) > most_bytes) {
            return;
        }
        HostFile file{*real, std::move(**text)};
        if (is_link) {
            file.links.push_back(link);
        }
        std::string idle = use_.reason_unused(mechanism, path, *real, file.text);
        by_path_[*real] = files_.size();
        files_.push_back({.file = std::move(file), .mechanism = &mechanism, .idle = std::move(idle)});
    }

    const std::string& root_;
    RealPaths real_paths_;
    MechanismUse use_;
    std::vector<MechanismFile> files_;
    std::map<std::string, std::size_t> by_path_;
    std::size_t bytes_ = 0;
};

} // namespace

std::vector<MechanismFile>
list_mechanism_files(const std::string& root, const std::vector<HostMechanism>& mechanisms) {
    MechanismCollection files(root);
    for (const HostMechanism& mechanism : mechanisms) {
        files.add(mechanism);
    }
    return files.take();
}

std::optional<HostFile> read_text_file(const std::string& root, const std::string& inside) {
    RealPaths paths(root);
    const auto real = paths.of(inside);
    if (!real || is_program(*real)) {
        return std::nullopt;
    }
    auto text = read_bounded(*real, largest_host_file);
    if (!text || !*text) {
        return std::nullopt;
    }
    HostFile file{*real, std::move(**text)};
    if (!is_same_place(paths, inside, *real)) {
        file.links.push_back(path_of_link(paths, root, inside));
    }
    return file;
}

} // namespace keeper
