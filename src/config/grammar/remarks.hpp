// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

namespace keeper {

// Hints for a value that is refused, as the part of a message after a semicolon; empty if there is none. For
// a string that matches its pattern a remark is itself the reason for the refusal.

[[nodiscard]] std::string remark_on_address(std::string_view text);
[[nodiscard]] std::string remark_on_unit(std::string_view text);
[[nodiscard]] std::string remark_on_slice(std::string_view text);
[[nodiscard]] std::string remark_on_interval(std::string_view text);
[[nodiscard]] std::string remark_on_textfile(std::string_view text);
[[nodiscard]] std::string remark_on_mptcp_flag(std::string_view word);
[[nodiscard]] std::string remark_on_endpoint_flag(std::string_view word);

/// For the value of an unknown sysctl, which has neither type nor range.
[[nodiscard]] std::string remark_on_sysctl_value(std::string_view text);

/// Why the text is not a whole number in plain decimal; empty if it is one.
[[nodiscard]] std::string remark_on_integer(std::string_view text);

} // namespace keeper
