#pragma once

#include <map>
#include <string>

namespace keeper {

/// What the kernel lists as the possible values of a sysctl that holds a name (scheduler, path_manager), by
/// the values of all; null where it lists none. Modules and BPF programs add to the list without an event.
[[nodiscard]] const std::string*
choices_of_sysctl(const std::map<std::string, std::string>& sysctls, const std::string& name);

/// Whether the kernel can be given that value now, as far as it lists its choices.
[[nodiscard]] bool is_available(
    const std::map<std::string, std::string>& sysctls, const std::string& name, const std::string& value);

} // namespace keeper
