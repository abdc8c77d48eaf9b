#pragma once

#include <optional>
#include <string>

namespace keeper {

/// libmptcpwrap as the packages mptcpize and mptcpd install it, for programs of this program's own
/// architecture; nothing where it is not installed.
[[nodiscard]] std::optional<std::string> find_preload_library();

} // namespace keeper
