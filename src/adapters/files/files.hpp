// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

#include "base/result.hpp"

namespace keeper {

/// An Error of `what` ("cannot open /x") followed by errno's text; EPERM, EACCES and EROFS are
/// ErrorKind::not_permitted.
[[nodiscard]] Error system_error(std::string_view what, int error_number);

/// The largest configuration file of another program, in bytes, that is read.
inline constexpr std::size_t largest_host_file = 256 * 1024;

/// The content of a regular file; std::nullopt if there is no such file. More than `limit` bytes are an
/// error, so that no file can exhaust the memory.
[[nodiscard]] Result<std::optional<std::string>> read_bounded(const std::string& path, std::size_t limit);

/// Like read_bounded(), for a file that mptcp-keeper writes: a link in its place is an error. The daemon's
/// user may write the directory if the daemon does not run as root.
[[nodiscard]] Result<std::optional<std::string>> read_own_file(const std::string& path, std::size_t limit);

/// Creates the directory and its missing parents with mode 0755, regardless of the umask. Success if it
/// exists.
[[nodiscard]] Result<void> make_directories(const std::string& path);

/// Replaces the file by one with this content and mode 0644. Readers see either the old or the new file;
/// after the call, the new one survives a power cut.
[[nodiscard]] Result<void> replace_file(const std::string& path, std::string_view text);

/// Like replace_file(), for a file in /run: does not wait for the disk, since the file does not outlive a
/// power cut anyway. `mode` is narrowed by the umask.
[[nodiscard]] Result<void> replace_run_file(const std::string& path, std::string_view text, mode_t mode);

/// Writes all of the text to the descriptor, however little write(2) accepts at a time. Returns 0, or errno.
[[nodiscard]] int write_all(int fd, std::string_view text);

/// The part before the last slash; "." if there is none.
[[nodiscard]] std::string directory_of(const std::string& path);

} // namespace keeper
