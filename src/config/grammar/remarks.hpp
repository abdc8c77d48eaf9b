#pragma once

#include <string>
#include <string_view>

namespace keeper {

// What to tell somebody who wrote a value that is refused, as sentences that follow a colon or semicolon;
// empty where there is nothing to tell. For a text of the right shape a remark is itself the refusal.

[[nodiscard]] std::string remark_on_address(std::string_view text);
[[nodiscard]] std::string remark_on_unit(std::string_view text);
[[nodiscard]] std::string remark_on_interval(std::string_view text);
[[nodiscard]] std::string remark_on_mptcp_flag(std::string_view word);
[[nodiscard]] std::string remark_on_endpoint_flag(std::string_view word);

/// For the value of a sysctl of which neither type nor range is known.
[[nodiscard]] std::string remark_on_sysctl_value(std::string_view text);

/// Why the text is not a whole number in plain decimal; empty for one that is.
[[nodiscard]] std::string remark_on_integer(std::string_view text);

} // namespace keeper
