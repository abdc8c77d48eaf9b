// SPDX-License-Identifier: LGPL-2.1-or-later
#include "applications/program_environment.hpp"

#include <algorithm>
#include <vector>

#include "base/text/path_name.hpp"
#include "base/text/words.hpp"

namespace keeper {

namespace {

constexpr std::string_view library_name = "libmptcpwrap.so";

bool is_library(std::string_view entry) {
    return base_name(entry).starts_with(library_name);
}

bool is_go_setting(std::string_view setting) {
    return setting.starts_with("multipathtcp=");
}

/// The items for which `is_dropped` is false, joined again.
template <class IsDropped>
std::string remaining(const std::vector<std::string_view>& items, char separator, IsDropped is_dropped) {
    std::string text;
    for (const std::string_view item : items) {
        if (!is_dropped(item)) {
            text += (text.empty() ? "" : std::string(1, separator)) + std::string(item);
        }
    }
    return text;
}

} // namespace

bool has_preload(std::string_view value) {
    const auto entries = words_of(value, " :");
    return std::any_of(entries.begin(), entries.end(), is_library);
}

std::string with_preload(std::string_view value, std::string_view library) {
    if (has_preload(value)) {
        return std::string(value);
    }
    return value.empty() ? std::string(library) : std::string(value) + ":" + std::string(library);
}

std::string with_go_multipath(std::string_view value) {
    const auto settings = words_of(value, ",");
    if (std::any_of(settings.begin(), settings.end(), is_go_setting)) {
        return std::string(value);
    }
    return value.empty() ? "multipathtcp=1" : std::string(value) + ",multipathtcp=1";
}

std::string without_preload(std::string_view value) {
    return has_preload(value) ? remaining(words_of(value, " :"), ':', is_library) : std::string(value);
}

std::string with_go_tcp(std::string_view value) {
    const std::string others = remaining(words_of(value, ","), ',', is_go_setting);
    return others.empty() ? "multipathtcp=0" : others + ",multipathtcp=0";
}

} // namespace keeper
