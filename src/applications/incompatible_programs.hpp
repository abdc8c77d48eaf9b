// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace keeper {

/// A program that uses an option that sockets of the kernel's MPTCP refuse.
struct IncompatibleProgram {
    std::string_view name;  ///< "FRRouting or OpenBGPD"
    std::string_view units; ///< names and globs of units, separated by spaces; "" for none in particular
    std::string_view executables; ///< file names, separated by spaces; never an interpreter
    std::string_view option;      ///< "TCP_MD5SIG"
    std::string_view condition;   ///< "for BGP sessions with a password"; "" if it always uses the option
    std::string_view consequence; ///< "these sessions are not established"
    /// In its common use it does not work with MPTCP. Otherwise only with a setting that `condition` names,
    /// or it merely loses something.
    bool breaks = false;
};

/// Globs of the units that do not work with MPTCP sockets, for certain or very likely.
[[nodiscard]] std::vector<std::string> units_known_to_break();

/// The entry for a unit ("bird.service"), or else for an executable or the name of a process
/// ("/usr/sbin/bird"); nullptr for none. A name that the kernel cut off at 15 characters matches, too.
[[nodiscard]] const IncompatibleProgram*
find_incompatible_program(const std::string& unit, std::string_view executable = "");

/// "FRRouting or OpenBGPD uses TCP_MD5SIG for BGP sessions with a password, which MPTCP sockets refuse: these
/// sessions are not established".
[[nodiscard]] std::string describe(const IncompatibleProgram& program);

/// The warning about a unit in `units` that breaks with MPTCP sockets; empty for any other. Arguments as for
/// find_incompatible_program().
[[nodiscard]] std::string
warning_of_incompatible_unit(const std::string& unit, std::string_view executable = "");

/// The options that MPTCP sockets refuse and programs use, the most common first, as text.
[[nodiscard]] std::string_view options_that_mptcp_refuses();

} // namespace keeper
