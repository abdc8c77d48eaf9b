// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

/// Parsers for the files in /proc/PID, as pure functions of their content. See proc(5).
namespace keeper {

/// The innermost systemd unit in a /proc/PID/cgroup, of cgroup version 1 or 2; "" for none. It may belong to
/// a user's service manager or to one in a container.
[[nodiscard]] std::string unit_of_cgroup(std::string_view cgroup);

/// The unit of the host's own service manager, as `systemctl status PID` shows it: processes of a user's
/// service manager or of a container belong to the unit that contains those. `init_cgroup` is /proc/1/cgroup:
/// in a container without a cgroup namespace it shows where the container's own units begin.
[[nodiscard]] std::string system_unit_of_cgroup(std::string_view cgroup, std::string_view init_cgroup);

/// A variable in a /proc/PID/environ; "" also if it is not set. The first one counts, as for getenv(3).
[[nodiscard]] std::string_view variable_of(std::string_view environment, std::string_view name);

/// Whether AT_SECURE is set in a /proc/PID/auxv (getauxval(3)), so that the loader ignores LD_PRELOAD. For
/// 64-bit programs.
[[nodiscard]] bool is_secure_start(std::string_view auxiliary_vector);

/// Whether a /proc/PID/maps shows a dynamic loader: glibc's or musl's.
[[nodiscard]] bool has_loader_mapped(std::string_view maps);

/// Whether a /proc/PID/maps shows libmptcpwrap.
[[nodiscard]] bool has_preload_mapped(std::string_view maps);

/// A /proc/PID/cmdline as a shell command, with arguments quoted where necessary.
[[nodiscard]] std::string shell_command(std::string_view command_line);

} // namespace keeper
