#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace keeper {

/// How a look at a process ended.
enum class LookResult { done, refused, gone };

/// A process in /proc. Knows its number only: each question reads what it needs, when it is asked, and none
/// of them disturbs the process. One that has ended meanwhile, or that may not be looked at (ptrace(2),
/// "access mode checking"), answers with nothing.
class RunningProcess {
  public:
    explicit RunningProcess(std::int64_t pid);
    /// This program.
    [[nodiscard]] static RunningProcess self();

    [[nodiscard]] std::int64_t pid() const { return pid_; }
    /// The bytes of a file of its folder, such as "maps".
    [[nodiscard]] std::string text(const char* file) const;
    /// The same without the end of line.
    [[nodiscard]] std::string line(const char* file) const;
    /// False for a kernel thread, and for a process that has ended and was not waited for.
    [[nodiscard]] bool has_command_line() const { return !text("cmdline").empty(); }
    /// Where a link of its folder leads, such as "ns/net".
    [[nodiscard]] std::string link(const char* name) const;
    /// The name of a file of its folder.
    [[nodiscard]] std::string path(const char* file) const { return folder_ + file; }

    using SocketVisit = std::function<void(const char* descriptor, std::uint64_t inode)>;
    /// Visits each of its descriptors that is a socket.
    [[nodiscard]] LookResult for_each_socket(const SocketVisit& visit) const;

  private:
    std::int64_t pid_;
    std::string folder_;
};

/// Visits all processes but this one, by pid, until the visit returns false. Kernel threads and processes
/// that have ended and were not waited for are among them.
void for_each_process(const std::function<bool(const RunningProcess&)>& visit);

} // namespace keeper
