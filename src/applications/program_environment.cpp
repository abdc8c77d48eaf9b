// SPDX-License-Identifier: LGPL-2.1-or-later
#include "applications/program_environment.hpp"

#include <algorithm>

#include "base/text/path_name.hpp"
#include "base/text/words.hpp"

namespace keeper {

namespace {

constexpr std::string_view library_name = "libmptcpwrap.so";

} // namespace

bool has_preload(std::string_view value) {
    const auto entries = words_of(value, " :");
    return std::any_of(entries.begin(), entries.end(), [](std::string_view entry) {
        return base_name(entry).starts_with(library_name);
    });
}

std::string with_preload(std::string_view value, std::string_view library) {
    if (has_preload(value)) {
        return std::string(value);
    }
    return value.empty() ? std::string(library) : std::string(value) + ":" + std::string(library);
}

std::string with_go_multipath(std::string_view value) {
    const auto settings = words_of(value, ",");
    const bool is_set = std::any_of(settings.begin(), settings.end(), [](std::string_view setting) {
        return setting.starts_with("multipathtcp=");
    });
    if (is_set) {
        return std::string(value);
    }
    return value.empty() ? "multipathtcp=1" : std::string(value) + ",multipathtcp=1";
}

} // namespace keeper
