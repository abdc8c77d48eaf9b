// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>

namespace keeper {

/// The path of libmptcpwrap (packages mptcpize and mptcpd) for this program's architecture; std::nullopt if
/// it is not installed.
[[nodiscard]] std::optional<std::string> find_preload_library();

} // namespace keeper
