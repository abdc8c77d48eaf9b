#pragma once

#include <string>
#include <string_view>

/// What the files of a /proc/PID say, as pure functions of their bytes. See proc(5).
namespace keeper {

/// The innermost systemd unit in a /proc/PID/cgroup, of cgroup version 1 or 2; "" for none. It may be a unit
/// of a user's service manager, or of one in a container.
[[nodiscard]] std::string unit_of_cgroup(std::string_view cgroup);

/// The unit of the host's own service manager, as `systemctl status PID` tells it: what runs in a user's
/// service manager or in a container is of the unit that holds those. `init_cgroup` is /proc/1/cgroup: in a
/// container without a cgroup namespace it tells where the container's own units begin.
[[nodiscard]] std::string system_unit_of_cgroup(std::string_view cgroup, std::string_view init_cgroup);

/// A variable of a /proc/PID/environ; "" where it is not set, too. The first counts, as for getenv(3).
[[nodiscard]] std::string_view variable_of(std::string_view environment, std::string_view name);

/// Whether AT_SECURE is set in a /proc/PID/auxv (getauxval(3)): the loader distrusts the environment. Reads
/// those of 64-bit programs.
[[nodiscard]] bool is_secure_start(std::string_view auxiliary_vector);

/// Whether a /proc/PID/maps shows a dynamic loader: glibc's or musl's.
[[nodiscard]] bool has_loader_mapped(std::string_view maps);

/// Whether a /proc/PID/maps shows libmptcpwrap.
[[nodiscard]] bool has_preload_mapped(std::string_view maps);

/// A /proc/PID/cmdline as a shell reads it: each argument in single quotes, where it needs any.
[[nodiscard]] std::string shell_command(std::string_view command_line);

} // namespace keeper
