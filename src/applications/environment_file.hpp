// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace keeper {

/// Lines for EnvironmentFile= (systemd.exec(5)), quoted so that every value of is_kept_by_systemd() is read
/// back unchanged: no value can set another variable.
[[nodiscard]] std::string environment_file(const std::map<std::string, std::string>& variables);

/// Whether systemd accepts the value from a file: valid UTF-8 without control characters other than tab and
/// line feed, and at most half as long as a variable of a program may be (MAX_ARG_STRLEN, 128 KiB). systemd
/// refuses the whole file if any of it is not UTF-8.
[[nodiscard]] bool is_kept_by_systemd(std::string_view value);

/// Whether this is a valid unit name (systemd.unit(5)), and thus a safe file name: letters, digits and
/// ":-_.\@", with a dot that is not the first character, at most 255 bytes.
[[nodiscard]] bool is_unit_name(std::string_view name);

} // namespace keeper
