// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace keeper {

enum class SysctlType { boolean, integer, name };

/// A sysctl under net.mptcp as Linux documents it (Documentation/networking/mptcp-sysctl.rst).
struct SysctlSpec {
    std::string_view name; ///< after "net.mptcp."
    SysctlType type = SysctlType::integer;
    std::int64_t minimum = 0;
    std::int64_t maximum = 0;
    std::string_view unit = {};    ///< "s" for seconds, otherwise empty
    bool in_jiffies = false;       ///< the kernel's own maximum is INT_MAX jiffies
    std::string_view choices = {}; ///< of a name: the sysctl that lists the accepted values
    std::string_view alias = {};   ///< another name of the same setting: writing one changes the other
    bool read_only = false;
    std::string_view kernel_default = {}; ///< "" for a read-only sysctl
    std::string_view since = {};          ///< the first Linux release that has it
    std::string_view help = {};
};

/// All known sysctls, sorted by name.
[[nodiscard]] const std::vector<SysctlSpec>& known_sysctls();
/// The sysctl with that name; null if it is unknown.
[[nodiscard]] const SysctlSpec* find_sysctl(std::string_view name);

/// The kernel's default value; "" for an unknown or read-only sysctl. Vendors change defaults: RHEL 8 and 9
/// start with enabled at 0.
[[nodiscard]] std::string_view kernel_default_of_sysctl(std::string_view name);

/// The other name of the same setting, as path_manager and pm_type are; "" for none.
[[nodiscard]] std::string alias_of_sysctl(std::string_view name);

} // namespace keeper
