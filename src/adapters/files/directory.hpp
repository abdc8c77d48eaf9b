// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <dirent.h>

namespace keeper {

/// Reads a directory entry by entry, in the order of the file system. Owns the open directory.
class DirectoryReader {
  public:
    /// If the directory cannot be opened, it reads as empty and error() says why.
    explicit DirectoryReader(const std::string& path);

    [[nodiscard]] explicit operator bool() const { return directory_ != nullptr; }
    /// The name of the next entry, without "." and ".."; null at the end, or if reading failed. Valid until
    /// the next call.
    [[nodiscard]] const char* next();
    /// For openat(2) and the like.
    [[nodiscard]] int fd() const;
    /// errno of opening or reading the directory; 0 if nothing failed so far.
    [[nodiscard]] int error() const { return error_; }

  private:
    struct Close {
        void operator()(DIR* directory) const { ::closedir(directory); }
    };
    std::unique_ptr<DIR, Close> directory_;
    int error_ = 0;
};

/// The entries of a directory.
struct DirectoryListing {
    std::vector<std::string> names; ///< sorted, without "." and ".."
    int error = 0; ///< errno: it could not be opened, or not read to its end; 0 if all went well
};

/// Lists a directory. Stops after `limit` names, in the order of the file system, so that no directory can
/// take up the memory.
[[nodiscard]] DirectoryListing list_directory(const std::string& path, std::size_t limit = 65536);

} // namespace keeper
