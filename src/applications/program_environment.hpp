#pragma once

#include <string>
#include <string_view>

namespace keeper {

/// The value of LD_PRELOAD with the library appended: once, whatever version of it stands there already.
/// Entries are separated by blanks or colons (ld.so(8)).
[[nodiscard]] std::string with_preload(std::string_view value, std::string_view library);

/// The value of GODEBUG with multipathtcp=1 appended, unless it says something about multipathtcp itself.
/// Programs built with Go 1.21 or later listen and dial with MPTCP then.
[[nodiscard]] std::string with_go_multipath(std::string_view value);

/// Whether the entries of an LD_PRELOAD hold libmptcpwrap.
[[nodiscard]] bool has_preload(std::string_view value);

} // namespace keeper
