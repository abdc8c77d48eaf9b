#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace keeper {

/// An Error about `what` ("cannot open /x") with errno's own words behind it; EPERM, EACCES and EROFS are
/// ErrorKind::not_permitted.
[[nodiscard]] Error system_error(std::string_view what, int error_number);

/// A regular file's bytes, nothing where there is no such file. More than `limit` bytes are an error, so
/// that no file can take the memory.
[[nodiscard]] Result<std::optional<std::string>> read_bounded(const std::string& path, std::size_t limit);

/// Makes the directory and what is missing above it, mode 0755 whatever the umask. Already there is success.
[[nodiscard]] Result<void> make_directories(const std::string& path);

/// Replaces the file by one with these bytes, mode 0644: whoever looks sees the old or the new one, and when
/// it returns, the new one survives a power cut.
[[nodiscard]] Result<void> replace_file(const std::string& path, std::string_view text);

/// What stands before the last slash; "." where there is none.
[[nodiscard]] std::string directory_of(const std::string& path);

} // namespace keeper
