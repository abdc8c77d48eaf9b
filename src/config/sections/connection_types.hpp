// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace keeper {

/// NetworkManager's name of a connection type for nmcli's short name ("wifi" is 802-11-wireless); any other
/// string unchanged.
[[nodiscard]] std::string canonical_connection_type(std::string_view type);
/// Whether NetworkManager has a connection type with that (canonical) name.
[[nodiscard]] bool is_connection_type(std::string_view canonical);
/// All names and short names.
[[nodiscard]] std::vector<std::string> connection_type_names();

} // namespace keeper
