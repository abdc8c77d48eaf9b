// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

namespace keeper {

/// The path with all links resolved as if `root` were "/", so that links in an unbooted tree never lead out
/// of it. `inside` is absolute, below the root; the result begins with the root. std::nullopt if there is no
/// such file, or if the links form a loop.
[[nodiscard]] std::optional<std::string> real_path(const std::string& root, const std::string& inside);

/// For calls that report errors themselves: `inside` if the root is "", since the kernel then resolves links;
/// otherwise real_path(), or a path that fails with the same error: that of a file in the tree which may not
/// be accessed, or "" if there is none.
[[nodiscard]] std::string path_in_root(const std::string& root, const std::string& inside);
/// The same without following the last component, which may be a link or not exist.
[[nodiscard]] std::string entry_in_root(const std::string& root, const std::string& inside);

/// The same for many files. Each folder is resolved once; later changes of links are not noticed.
class RealPaths {
  public:
    explicit RealPaths(std::string root) : root_(std::move(root)) {}
    [[nodiscard]] std::optional<std::string> of(const std::string& inside);
    /// The real path of a path's folder.
    [[nodiscard]] std::optional<std::string> of_folder(const std::string& inside);

  private:
    std::string root_;
    std::map<std::string, std::optional<std::string>> folders_;
};

} // namespace keeper
