// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <string>

namespace keeper {

/// The kernel's list of accepted values for a sysctl that holds a name (scheduler, path_manager), out of the
/// values of all sysctls; null if there is none. Modules and BPF programs extend the list without an event.
[[nodiscard]] const std::string*
choices_of_sysctl(const std::map<std::string, std::string>& sysctls, const std::string& name);

/// Whether the kernel currently accepts that value. True if it does not list the accepted values.
[[nodiscard]] bool is_available(
    const std::map<std::string, std::string>& sysctls, const std::string& name, const std::string& value);

} // namespace keeper
