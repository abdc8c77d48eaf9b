#pragma once

#include <optional>
#include <string>

namespace keeper {

/// Where the file of that name really is: every link on the way followed as if `root` were "/", so that a
/// link of an unbooted tree never leads out of it. `inside`: absolute, below the root. The answer begins with
/// the root. Nothing where there is no such file, or links go round in a circle.
[[nodiscard]] std::optional<std::string> real_path(const std::string& root, const std::string& inside);

} // namespace keeper
