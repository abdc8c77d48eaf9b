#pragma once

#include <map>
#include <string>
#include <vector>

namespace keeper {

/// Becomes that program, found along PATH where its name has no slash, with these variables set beside those
/// of this process. Returns only where that fails, with
/// errno. The disposition of SIGPIPE is the caller's to put back.
[[nodiscard]] int
become(const std::vector<std::string>& command, const std::map<std::string, std::string>& variables);

} // namespace keeper
