// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/files/config_files.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <string_view>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/files/directory.hpp"
#include "adapters/files/real_path.hpp"
#include "adapters/files/unique_fd.hpp"
#include "base/text/path_name.hpp"

namespace keeper {

namespace {

/// Lowest priority first.
constexpr std::array<std::string_view, 3> drop_in_folders{
    "/usr/lib/mptcp-keeper/conf.d", "/run/mptcp-keeper/conf.d", "/etc/mptcp-keeper/conf.d"};

/// Further drop-ins are ignored here; the parser refuses that many files anyway.
constexpr std::size_t max_listed = 4096;

std::string last_error() {
    return std::strerror(errno);
}

/// What precedes the absolute paths in a tree: "" if the tree is the whole file system.
std::string prefix_of(const std::string& root) {
    const std::size_t last = root.find_last_not_of('/');
    return root.substr(0, last == std::string::npos ? 0 : last + 1);
}

/// A relative link is compared without following other links, and below a root `entry` begins with it.
bool is_link_to_dev_null(const std::string& entry, const std::string& root) {
    std::array<char, 256> text{};
    const ssize_t length = ::readlink(entry.c_str(), text.data(), text.size());
    if (length <= 0) {
        return false;
    }
    const std::filesystem::path target(text.data(), text.data() + length);
    const std::filesystem::path folder = folder_of_path(entry.substr(root.size()));
    return (folder / target).lexically_normal() == "/dev/null";
}

/// Whether something has that name, even a dangling link, or may have it in a folder without permission.
bool exists(const std::string& path) {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

bool is_drop_in(std::string_view name) {
    // Editors use names with a leading dot for their lock and backup files.
    return !name.starts_with('.') && (name.ends_with(".yaml") || name.ends_with(".yml"));
}

/// Adds the folder's drop-ins by name, replacing those of folders with lower priority. A folder that cannot
/// be read becomes an entry itself, with a trailing slash, so that reading it reports the reason. Paths are
/// inside the root.
void add_drop_ins(
    const std::string& root, const std::string& folder, std::map<std::string, std::string>& paths_by_name) {
    const DirectoryListing listing = list_directory(path_in_root(root, folder));
    if (listing.error != 0) {
        if (listing.error != ENOENT || exists(entry_in_root(root, folder))) {
            paths_by_name.insert_or_assign("/" + folder, folder + "/");
        }
        return;
    }
    for (const std::string& name : listing.names) {
        if (is_drop_in(name) && paths_by_name.size() < max_listed) {
            paths_by_name.insert_or_assign(name, folder + "/" + name);
        }
    }
}

std::string refusal_of_kind(mode_t mode) {
    if (S_ISREG(mode)) {
        return {};
    }
    if (S_ISDIR(mode)) {
        return "is a directory: name a file in it";
    }
    if (S_ISFIFO(mode)) {
        return "is a FIFO, not a regular file: use - to read standard input";
    }
    return S_ISSOCK(mode) ? "is a socket, not a regular file" : "is a device, not a regular file";
}

/// Reads at most one byte more than the size limit, so that the parser can detect a larger file.
ConfigSource read_all(const std::string& file, int fd) {
    ConfigSource source{.file = file, .text = {}, .failure = {}};
    constexpr std::size_t most = config_limits::max_file_bytes + 1;
    std::size_t filled = 0;
    while (filled < most) {
        if (filled == source.text.size()) { // most files are small, and a fresh page costs more than a read
            source.text.resize(std::min(std::max<std::size_t>(filled * 4, 4096), most));
        }
        const ssize_t count = ::read(fd, source.text.data() + filled, source.text.size() - filled);
        if (count == 0) {
            break;
        }
        if (count > 0) {
            filled += static_cast<std::size_t>(count);
        } else if (errno == EAGAIN) { // standard input that another process made non-blocking
            pollfd readable{fd, POLLIN, 0};
            ::poll(&readable, 1, -1);
        } else if (errno != EINTR) {
            source.failure = "cannot be read: " + last_error();
            break;
        }
    }
    source.text.resize(filled);
    source.text.shrink_to_fit();
    return source;
}

/// The path to open for a file of the search path; links have been resolved inside the root.
std::string path_to_open(const std::string& file, const std::string& root) {
    if (root.empty() || !file.starts_with(root + "/")) {
        return file;
    }
    const std::string path = path_in_root(root, file.substr(root.size()));
    return path.empty() || !file.ends_with('/') ? path : path + "/";
}

ConfigSource read_file(const std::string& file, const std::string& root) {
    if (file == "-") {
        return read_all(file, STDIN_FILENO);
    }
    // Does not wait for a writer, and does not acquire a controlling terminal.
    const UniqueFd fd(::open(path_to_open(file, root).c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
    if (!fd) {
        const bool is_in_root = !root.empty() && file.starts_with(root + "/");
        const bool is_dangling =
            errno == ENOENT && exists(is_in_root ? entry_in_root(root, file.substr(root.size())) : file);
        return {
            .file = file,
            .text = {},
            .failure = is_dangling ? "is a link to a file that does not exist"
                                   : "cannot be opened: " + last_error()};
    }
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0) {
        return {.file = file, .text = {}, .failure = "cannot be read: " + last_error()};
    }
    std::string refusal = refusal_of_kind(status.st_mode);
    if (!refusal.empty()) {
        return {.file = file, .text = {}, .failure = std::move(refusal)};
    }
    return read_all(file, fd.get());
}

} // namespace

std::vector<std::string> ConfigFiles::search_path(const std::string& root) {
    const std::string prefix = prefix_of(root);
    std::vector<std::string> files;
    const std::string main_entry = entry_in_root(prefix, std::string(main_config_file));
    if (exists(main_entry) && !is_link_to_dev_null(main_entry, prefix)) {
        files.push_back(prefix + std::string(main_config_file));
    }
    std::map<std::string, std::string> drop_ins;
    for (const std::string_view folder : drop_in_folders) {
        add_drop_ins(prefix, std::string(folder), drop_ins);
    }
    for (const auto& [name, path] : drop_ins) {
        if (path.ends_with('/') || !is_link_to_dev_null(entry_in_root(prefix, path), prefix)) {
            files.push_back(prefix + path);
        }
    }
    return files;
}

std::vector<ConfigSource> ConfigFiles::read(const std::vector<std::string>& files, const std::string& root) {
    const std::string prefix = prefix_of(root);
    std::vector<ConfigSource> sources;
    std::size_t total = 0;
    for (const std::string& file : files) {
        // The parser refuses what exceeds these bounds; reading more would only cost memory.
        if (sources.size() > config_limits::max_files || total > config_limits::max_total_bytes) {
            break;
        }
        sources.push_back(read_file(file, prefix));
        total += sources.back().text.size();
    }
    return sources;
}

} // namespace keeper
