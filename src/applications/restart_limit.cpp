// SPDX-License-Identifier: LGPL-2.1-or-later
#include "applications/restart_limit.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "base/text/lines.hpp"
#include "base/text/words.hpp"

namespace keeper {

namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

struct TimeUnit {
    std::string_view name;
    std::uint64_t us;
};
/// As systemd prints them (systemd.time(7)).
constexpr std::array<TimeUnit, 9> time_units{
    {{"us", 1},
     {"ms", 1'000},
     {"s", 1'000'000},
     {"min", 60'000'000},
     {"h", 3'600'000'000},
     {"d", 86'400'000'000},
     {"w", 604'800'000'000},
     {"month", 2'629'800'000'000},
     {"y", 31'557'600'000'000}}};

/// "30s", "1.5s".
std::optional<microseconds> parse_part(std::string_view part) {
    double number = 0;
    const char* const end = part.data() + part.size();
    const auto [rest, error] = std::from_chars(part.data(), end, number);
    const std::string_view name(rest, static_cast<std::size_t>(end - rest));
    const auto found = std::find_if(
        time_units.begin(), time_units.end(), [&](const TimeUnit& unit) { return unit.name == name; });
    if (error != std::errc() || found == time_units.end() || !(number >= 0) || number > 1e6) {
        return std::nullopt;
    }
    return microseconds(static_cast<std::int64_t>(number * static_cast<double>(found->us)));
}

} // namespace

std::optional<microseconds> parse_time_span(std::string_view text) {
    if (text == "infinity") {
        return microseconds::max();
    }
    const auto parts = words_of(text);
    microseconds sum{0};
    for (const std::string_view part : parts) {
        const auto time = part == "0" ? std::optional(microseconds(0)) : parse_part(part);
        if (!time) {
            return std::nullopt;
        }
        sum += *time;
    }
    return parts.empty() ? std::nullopt : std::optional(sum);
}

seconds restart_limit(std::string_view shown) {
    constexpr seconds margin{20};
    constexpr seconds systemds_default{90};
    constexpr seconds most{600};
    seconds sum = margin;
    while (!shown.empty()) {
        std::string_view value = take_line(shown);
        if (take_field(value, '=').empty()) {
            continue;
        }
        const microseconds time = parse_time_span(value).value_or(systemds_default);
        sum += std::min(most, std::chrono::ceil<seconds>(std::min<microseconds>(time, most)));
    }
    return std::min(sum, most);
}

} // namespace keeper
