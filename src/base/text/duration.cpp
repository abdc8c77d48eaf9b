// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/text/duration.hpp"

#include <charconv>
#include <cstdint>

namespace keeper {

namespace {

/// Milliseconds of a unit; 0 for an unknown one.
std::int64_t milliseconds_of(std::string_view unit) {
    if (unit == "ms") {
        return 1;
    }
    if (unit == "s") {
        return 1000;
    }
    if (unit == "m") {
        return 60 * 1000;
    }
    return unit == "h" ? 60 * 60 * 1000 : 0;
}

/// The number, with `digits` at most; nothing for anything else.
std::optional<std::int64_t> parse_digits(std::string_view text, std::size_t digits) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || text.size() > digits || text.front() == '-' || error != std::errc() ||
        end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

} // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
    const std::size_t unit_at = text.find_first_not_of("0123456789.");
    if (unit_at == std::string_view::npos) {
        return std::nullopt;
    }
    const std::int64_t unit = milliseconds_of(text.substr(unit_at));
    const std::string_view number = text.substr(0, unit_at);
    const std::size_t point = number.find('.');
    const auto whole = parse_digits(number.substr(0, point), 9);
    if (unit == 0 || !whole) {
        return std::nullopt;
    }
    std::int64_t thousandths = 0;
    if (point != std::string_view::npos) {
        const std::string_view decimals = number.substr(point + 1);
        const auto fraction = parse_digits(decimals, 3);
        if (!fraction) {
            return std::nullopt;
        }
        thousandths = *fraction * (decimals.size() == 1 ? 100 : decimals.size() == 2 ? 10 : 1);
    }
    if (thousandths * unit % 1000 != 0) {
        return std::nullopt;
    }
    return std::chrono::milliseconds(*whole * unit + thousandths * unit / 1000);
}

} // namespace keeper
