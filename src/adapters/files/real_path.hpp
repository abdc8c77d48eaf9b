#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

namespace keeper {

/// Where the file of that name really is: every link on the way followed as if `root` were "/", so that a
/// link of an unbooted tree never leads out of it. `inside`: absolute, below the root. The answer begins with
/// the root. Nothing where there is no such file, or links go round in a circle.
[[nodiscard]] std::optional<std::string> real_path(const std::string& root, const std::string& inside);

/// The same for many files. Each folder is resolved once, so a link that changes afterwards is not noticed.
class RealPaths {
  public:
    explicit RealPaths(std::string root) : root_(std::move(root)) {}
    [[nodiscard]] std::optional<std::string> of(const std::string& inside);
    /// Of the folder in which a path lies.
    [[nodiscard]] std::optional<std::string> of_folder(const std::string& inside);

  private:
    std::string root_;
    std::map<std::string, std::optional<std::string>> folders_;
};

} // namespace keeper
