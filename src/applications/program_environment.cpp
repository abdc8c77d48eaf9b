#include "applications/program_environment.hpp"

#include <algorithm>
#include <vector>

namespace keeper {

namespace {

constexpr std::string_view library_name = "libmptcpwrap.so";

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
    std::vector<std::string_view> parts;
    std::size_t at = text.find_first_not_of(separators);
    while (at != std::string_view::npos) {
        const std::size_t end = std::min(text.find_first_of(separators, at), text.size());
        parts.push_back(text.substr(at, end - at));
        at = text.find_first_not_of(separators, end);
    }
    return parts;
}

} // namespace

bool has_preload(std::string_view value) {
    const auto entries = split(value, " :");
    return std::any_of(entries.begin(), entries.end(), [](std::string_view entry) {
        return entry.substr(entry.rfind('/') + 1).starts_with(library_name);
    });
}

std::string with_preload(std::string_view value, std::string_view library) {
    if (has_preload(value)) {
        return std::string(value);
    }
    return value.empty() ? std::string(library) : std::string(value) + ":" + std::string(library);
}

std::string with_go_multipath(std::string_view value) {
    const auto settings = split(value, ",");
    const bool is_set = std::any_of(settings.begin(), settings.end(), [](std::string_view setting) {
        return setting.starts_with("multipathtcp=");
    });
    if (is_set) {
        return std::string(value);
    }
    return value.empty() ? "multipathtcp=1" : std::string(value) + ",multipathtcp=1";
}

} // namespace keeper
