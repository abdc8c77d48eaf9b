#include "adapters/system/socket_processes.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <unordered_set>

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "adapters/system/files.hpp"
#include "base/unique_fd.hpp"

namespace keeper {

namespace {

struct CloseFolder {
    void operator()(DIR* folder) const { ::closedir(folder); }
};
using Folder = std::unique_ptr<DIR, CloseFolder>;

constexpr std::size_t most_of_proc_file = 64 * 1024;

/// A /proc file's text; files there have no size to go by. Empty where it cannot be read.
std::string text_of(const std::string& path) {
    auto text = read_bounded(path, most_of_proc_file);
    return text && *text ? **text : std::string();
}

std::int64_t number_of(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() ? number : -1;
}

/// The inode in "socket:[4711]"; 0 for a descriptor of something else.
std::uint64_t inode_of(int folder, const char* name) {
    constexpr std::string_view front = "socket:[";
    std::array<char, 64> buffer{};
    const ssize_t length = ::readlinkat(folder, name, buffer.data(), buffer.size());
    std::string_view target(buffer.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
    if (!target.starts_with(front) || !target.ends_with("]")) {
        return 0;
    }
    target.remove_prefix(front.size());
    target.remove_suffix(1);
    const std::int64_t number = number_of(target);
    return number > 0 ? static_cast<std::uint64_t>(number) : 0;
}

SocketProcess process_of(std::int64_t pid) {
    const std::string folder = "/proc/" + std::to_string(pid);
    std::string name = text_of(folder + "/comm");
    while (name.ends_with('\n')) {
        name.pop_back();
    }
    return {pid, std::move(name), unit_of_cgroup(text_of(folder + "/cgroup"))};
}

/// Takes the sockets that a process holds off the wanted ones.
void look_at(std::int64_t pid, std::unordered_set<std::uint64_t>& wanted, ProcessesByInode& found) {
    const std::string path = "/proc/" + std::to_string(pid) + "/fd";
    const Folder folder(::opendir(path.c_str()));
    if (!folder) {
        return; // gone, or not ours to look at
    }
    SocketProcess process;
    while (const dirent* entry = ::readdir(folder.get())) {
        const std::uint64_t inode = inode_of(::dirfd(folder.get()), entry->d_name);
        if (inode == 0 || wanted.erase(inode) == 0) {
            continue;
        }
        if (process.pid == 0) {
            process = process_of(pid);
        }
        found.emplace(inode, process);
    }
}

bool is_unit(std::string_view name) {
    constexpr std::array<std::string_view, 5> kinds{".service", ".scope", ".socket", ".mount", ".swap"};
    return std::any_of(
        kinds.begin(), kinds.end(), [&](std::string_view kind) { return name.ends_with(kind); });
}

} // namespace

std::string unit_of_cgroup(std::string_view text) {
    std::string unit;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        const bool is_systemds = line.starts_with("0::") || line.find(":name=systemd:") != line.npos;
        std::string_view path = is_systemds ? line.substr(std::min(line.find('/'), line.size())) : "";
        while (!path.empty()) {
            path.remove_prefix(1);
            const std::string_view name = path.substr(0, path.find('/'));
            if (is_unit(name)) {
                unit = name;
            }
            path.remove_prefix(name.size());
        }
    }
    return unit;
}

ProcessesByInode processes_of_sockets(const std::set<std::uint64_t>& inodes) {
    ProcessesByInode found;
    std::unordered_set<std::uint64_t> wanted(inodes.begin(), inodes.end());
    wanted.erase(0);
    const Folder proc(::opendir("/proc"));
    while (proc && !wanted.empty()) {
        const dirent* entry = ::readdir(proc.get()); // in the order of the pids
        if (entry == nullptr) {
            break;
        }
        if (const std::int64_t pid = number_of(entry->d_name); pid > 0) {
            look_at(pid, wanted, found);
        }
    }
    return found;
}

} // namespace keeper
