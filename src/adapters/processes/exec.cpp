#include "adapters/processes/exec.hpp"

#include <cerrno>
#include <cstdlib>

#include <unistd.h>

namespace keeper {

int become(const std::vector<std::string>& command, const std::map<std::string, std::string>& variables) {
    for (const auto& [name, value] : variables) {
        ::setenv(name.c_str(), value.c_str(), 1);
    }
    std::vector<std::string> words = command;
    std::vector<char*> arguments;
    for (std::string& word : words) {
        arguments.push_back(word.data());
    }
    arguments.push_back(nullptr);
    ::execvp(arguments[0], arguments.data());
    return errno;
}

} // namespace keeper
