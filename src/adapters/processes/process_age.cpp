// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/processes/process_age.hpp"

#include <charconv>
#include <string>
#include <string_view>

#include <unistd.h>

#include "adapters/files/files.hpp"
#include "base/text/words.hpp"

namespace keeper {

std::optional<std::uint64_t> start_time_of(std::int64_t pid) {
    constexpr std::size_t largest = 4096;
    const auto text = read_bounded("/proc/" + std::to_string(pid) + "/stat", largest);
    if (!text || !*text) {
        return std::nullopt;
    }
    // The second field is the program's name in parentheses, which may itself contain parentheses.
    const auto end_of_name = (*text)->rfind(')');
    if (end_of_name == std::string::npos) {
        return std::nullopt;
    }
    const auto fields = words_of(std::string_view(**text).substr(end_of_name + 1));
    constexpr std::size_t start_time = 19; // the state is field 3, the start time field 22, see proc(5)
    if (fields.size() <= start_time) {
        return std::nullopt;
    }
    const std::string_view field = fields[start_time];
    std::uint64_t ticks = 0;
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), ticks);
    return error == std::errc() ? std::optional(ticks) : std::nullopt;
}

bool sees_other_processes() {
    return ::access("/proc/1", F_OK) == 0;
}

} // namespace keeper
