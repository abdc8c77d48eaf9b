// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

namespace keeper {

/// A program that speaks MPTCP itself if it is told to.
struct NativeProgram {
    std::string_view name;        ///< "nginx"
    std::string_view executables; ///< file names and globs, separated by spaces; never an interpreter
    std::string_view version;     ///< the first with the option: "1.29.7"
    std::string_view option;      ///< a line of its configuration, or an option: "listen 443 ssl multipath;"
    std::string_view removal;     ///< how to switch it off: "remove `multipath` from `listen`"
};

/// The entry for an executable or the name of a process ("/usr/sbin/nginx"); nullptr for none.
[[nodiscard]] const NativeProgram* find_native_program(std::string_view executable);

/// "nginx has an option of its own, which is better than any hook: from 1.29.7, `listen 443 ssl multipath;`";
/// "" if it has none.
[[nodiscard]] std::string describe_native_option(std::string_view executable);

} // namespace keeper
