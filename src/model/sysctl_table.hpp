#pragma once

#include <cstdint>
#include <optional>
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
    bool read_only = false;
    std::string_view since; ///< the first Linux release that has it
    std::string_view unit;  ///< "s" for seconds, otherwise empty
    std::string_view help;
};

/// All sysctls that are known, in the order of their names.
[[nodiscard]] const std::vector<SysctlSpec>& known_sysctls();
/// The sysctl with that name, or nothing.
[[nodiscard]] const SysctlSpec* find_sysctl(std::string_view name);

/// What the kernel sets where nobody does; "" for an unknown or a read-only one. Vendors change it: RHEL 8
/// and 9 start with enabled at 0.
[[nodiscard]] std::string_view kernel_default_of_sysctl(std::string_view name);

/// The other name of the same setting, as path_manager and pm_type are; empty where there is none. Writing
/// one changes the other.
[[nodiscard]] std::string alias_of_sysctl(const std::string& name);

} // namespace keeper
