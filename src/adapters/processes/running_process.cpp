// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/processes/running_process.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <optional>
#include <string_view>

#include <unistd.h>

#include "adapters/files/directory.hpp"
#include "adapters/files/files.hpp"

namespace keeper {

namespace {

constexpr std::size_t largest_proc_file = 16 * 1024 * 1024; // /proc/PID/maps of a large program

/// The text as a number; 0 if it is not a positive number.
std::int64_t number_of(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() && number > 0 ? number : 0;
}

/// The inode in "socket:[4711]"; 0 for another kind of descriptor; std::nullopt without permission, since
/// more processes may list the folder than read its links.
std::optional<std::uint64_t> socket_inode(int folder, const char* name) {
    constexpr std::string_view front = "socket:[";
    std::array<char, 64> buffer{};
    const ssize_t length = ::readlinkat(folder, name, buffer.data(), buffer.size());
    if (length < 0 && (errno == EACCES || errno == EPERM)) {
        return std::nullopt;
    }
    std::string_view target(buffer.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
    if (!target.starts_with(front) || !target.ends_with("]")) {
        return 0;
    }
    target.remove_prefix(front.size());
    target.remove_suffix(1);
    return static_cast<std::uint64_t>(number_of(target));
}

} // namespace

RunningProcess::RunningProcess(std::int64_t pid) : pid_(pid), folder_("/proc/" + std::to_string(pid) + "/") {}

RunningProcess RunningProcess::self() {
    RunningProcess process(::getpid());
    process.folder_ = "/proc/self/"; // the pid may differ in the PID namespace of /proc
    return process;
}

std::string RunningProcess::text(const char* file) const {
    auto text = read_bounded(path(file), largest_proc_file);
    return text && *text ? std::move(**text) : std::string();
}

std::string RunningProcess::line(const char* file) const {
    std::string line = text(file);
    while (line.ends_with('\n')) {
        line.pop_back();
    }
    return line;
}

std::string RunningProcess::link(const char* name) const {
    std::error_code error;
    return std::filesystem::read_symlink(path(name), error).string();
}

ReadResult RunningProcess::for_each_socket(const SocketVisit& visit) const {
    DirectoryReader folder(path("fd"));
    if (!folder) {
        return folder.error() == ENOENT || folder.error() == ESRCH ? ReadResult::gone : ReadResult::refused;
    }
    while (const char* const descriptor = folder.next()) {
        const auto inode = socket_inode(folder.fd(), descriptor);
        if (!inode) {
            return ReadResult::refused;
        }
        if (*inode != 0) {
            visit(descriptor, *inode);
        }
    }
    return ReadResult::done;
}

void for_each_process(const std::function<bool(const RunningProcess&)>& visit) {
    DirectoryReader folder("/proc");
    while (const char* const entry = folder.next()) { // in the order of the pids
        const std::int64_t pid = number_of(entry);
        if (pid != 0 && pid != ::getpid() && !visit(RunningProcess(pid))) {
            return;
        }
    }
}

} // namespace keeper
