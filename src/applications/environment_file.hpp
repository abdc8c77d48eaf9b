#pragma once

#include <map>
#include <string>
#include <string_view>

namespace keeper {

/// Lines for EnvironmentFile= (systemd.exec(5)), quoted so that every value of is_kept_by_systemd() is read
/// back as it is: no value can set another variable.
[[nodiscard]] std::string environment_file(const std::map<std::string, std::string>& variables);

/// Whether systemd takes the value out of a file: valid UTF-8 without control characters other than tab and
/// line feed, and no longer than half of what one variable of a program may be (MAX_ARG_STRLEN, 128 KiB). It
/// refuses the whole file for what is not UTF-8.
[[nodiscard]] bool is_kept_by_systemd(std::string_view value);

/// Whether this may be the name of a unit (systemd.unit(5)), and so the name of a file: letters, digits and
/// ":-_.\@", with a dot and not at the start, at most 255 bytes.
[[nodiscard]] bool is_unit_name(std::string_view name);

} // namespace keeper
