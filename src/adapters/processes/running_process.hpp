// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace keeper {

/// How reading from a process ended.
enum class ReadResult { done, refused, gone };

/// A process in /proc. Stores only its pid: each function reads what it needs when it is called, without
/// disturbing the process. If the process has ended, or may not be accessed (ptrace(2), "access mode
/// checking"), the result is empty.
class RunningProcess {
  public:
    explicit RunningProcess(std::int64_t pid);
    /// This program.
    [[nodiscard]] static RunningProcess self();

    [[nodiscard]] std::int64_t pid() const { return pid_; }
    /// The content of a file in its folder, such as "maps".
    [[nodiscard]] std::string text(const char* file) const;
    /// The same without the trailing newline.
    [[nodiscard]] std::string line(const char* file) const;
    /// False for a kernel thread or a zombie.
    [[nodiscard]] bool has_command_line() const { return !text("cmdline").empty(); }
    /// The target of a link in its folder, such as "ns/net".
    [[nodiscard]] std::string link(const char* name) const;
    /// The path of a file in its folder.
    [[nodiscard]] std::string path(const char* file) const { return folder_ + file; }

    using SocketVisit = std::function<void(const char* descriptor, std::uint64_t inode)>;
    /// Visits each of its descriptors that is a socket.
    [[nodiscard]] ReadResult for_each_socket(const SocketVisit& visit) const;

  private:
    std::int64_t pid_;
    std::string folder_;
};

/// Visits all processes except this one, by pid, until the visit returns false. Includes kernel threads and
/// zombies.
void for_each_process(const std::function<bool(const RunningProcess&)>& visit);

} // namespace keeper
