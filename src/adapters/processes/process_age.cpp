#include "adapters/processes/process_age.hpp"

#include <sstream>
#include <string>

#include <unistd.h>

#include "adapters/files/files.hpp"

namespace keeper {

std::optional<std::uint64_t> start_time_of(std::int64_t pid) {
    constexpr std::size_t largest = 4096;
    const auto text = read_bounded("/proc/" + std::to_string(pid) + "/stat", largest);
    if (!text || !*text) {
        return std::nullopt;
    }
    // The second field is the program's name in parentheses, which may hold anything, even a parenthesis.
    const auto end_of_name = (*text)->rfind(')');
    if (end_of_name == std::string::npos) {
        return std::nullopt;
    }
    std::istringstream rest((*text)->substr(end_of_name + 1));
    constexpr int fields_before = 19; // the state is field 3, the start time field 22: see proc(5)
    std::string skipped;
    for (int field = 0; field < fields_before; ++field) {
        rest >> skipped;
    }
    std::uint64_t ticks = 0;
    return rest >> ticks ? std::optional(ticks) : std::nullopt;
}

bool sees_other_processes() {
    return ::access("/proc/1", F_OK) == 0;
}

} // namespace keeper
