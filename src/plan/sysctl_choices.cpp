// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/sysctl_choices.hpp"

#include <algorithm>

#include "base/text/words.hpp"
#include "model/sysctl_table.hpp"

namespace keeper {

const std::string*
choices_of_sysctl(const std::map<std::string, std::string>& sysctls, const std::string& name) {
    const SysctlSpec* sysctl = find_sysctl(name);
    const auto found = sysctl == nullptr ? sysctls.end() : sysctls.find(std::string(sysctl->choices));
    return found == sysctls.end() ? nullptr : &found->second;
}

bool is_available(
    const std::map<std::string, std::string>& sysctls, const std::string& name, const std::string& value) {
    const std::string* choices = choices_of_sysctl(sysctls, name);
    if (choices == nullptr) {
        return true;
    }
    const std::vector<std::string_view> known = words_of(*choices);
    return std::find(known.begin(), known.end(), value) != known.end();
}

} // namespace keeper
