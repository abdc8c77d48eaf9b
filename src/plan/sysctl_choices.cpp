#include "plan/sysctl_choices.hpp"

#include <sstream>

namespace keeper {

const std::string*
choices_of_sysctl(const std::map<std::string, std::string>& sysctls, const std::string& name) {
    const std::string list = name == "scheduler"      ? "available_schedulers"
                             : name == "path_manager" ? "available_path_managers"
                                                      : "";
    const auto found = sysctls.find(list);
    return found == sysctls.end() ? nullptr : &found->second;
}

bool is_available(
    const std::map<std::string, std::string>& sysctls, const std::string& name, const std::string& value) {
    const std::string* choices = choices_of_sysctl(sysctls, name);
    if (choices == nullptr) {
        return true;
    }
    std::istringstream words(*choices);
    for (std::string word; words >> word;) {
        if (word == value) {
            return true;
        }
    }
    return false;
}

} // namespace keeper
