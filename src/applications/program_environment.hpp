// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

namespace keeper {

/// The value of LD_PRELOAD with the library appended, unless it already contains any version of it. Entries
/// are separated by spaces or colons (ld.so(8)).
[[nodiscard]] std::string with_preload(std::string_view value, std::string_view library);

/// The value of GODEBUG with multipathtcp=1 appended, unless it already sets multipathtcp. With it, programs
/// built with Go 1.21 or later listen and dial with MPTCP.
[[nodiscard]] std::string with_go_multipath(std::string_view value);

/// The value of LD_PRELOAD without any version of the library; the other entries stay, separated by colons.
[[nodiscard]] std::string without_preload(std::string_view value);

/// The value of GODEBUG with multipathtcp=0 instead of any multipathtcp= of its own. With it, programs built
/// with Go 1.21 or later use TCP unless their code requests MPTCP.
[[nodiscard]] std::string with_go_tcp(std::string_view value);

/// Whether an LD_PRELOAD contains libmptcpwrap.
[[nodiscard]] bool has_preload(std::string_view value);

} // namespace keeper
