// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/text/wall_time.hpp"

#include <charconv>
#include <cstddef>
#include <ctime>
#include <system_error>

#include <fmt/format.h>

namespace keeper {

namespace {

std::string text_of(const std::tm& parts, WallTime time) {
    const auto since_epoch = std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch());
    return fmt::format(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}",
        parts.tm_year + 1900,
        parts.tm_mon + 1,
        parts.tm_mday,
        parts.tm_hour,
        parts.tm_min,
        parts.tm_sec,
        since_epoch.count() % 1000000);
}

bool read_digits(const std::string& text, std::size_t position, std::size_t count, int& number) {
    if (text.size() < position + count) {
        return false;
    }
    const char* const begin = text.data() + position;
    const auto [end, error] = std::from_chars(begin, begin + count, number);
    return error == std::errc{} && end == begin + count;
}

} // namespace

std::string utc_text(WallTime time) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    return text_of(parts, time) + "Z";
}

std::string local_text(WallTime time) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    std::tm parts{};
    ::localtime_r(&seconds, &parts);
    return text_of(parts, time);
}

std::optional<WallTime> parse_utc(const std::string& text) {
    std::tm parts{};
    int microseconds = 0;
    const bool has_numbers =
        read_digits(text, 0, 4, parts.tm_year) && read_digits(text, 5, 2, parts.tm_mon) &&
        read_digits(text, 8, 2, parts.tm_mday) && read_digits(text, 11, 2, parts.tm_hour) &&
        read_digits(text, 14, 2, parts.tm_min) && read_digits(text, 17, 2, parts.tm_sec) &&
        read_digits(text, 20, 6, microseconds);
    if (!has_numbers) {
        return std::nullopt;
    }
    parts.tm_year -= 1900;
    parts.tm_mon -= 1;
    const WallTime time =
        std::chrono::system_clock::from_time_t(::timegm(&parts)) + std::chrono::microseconds(microseconds);
    return utc_text(time) == text ? std::optional(time) : std::nullopt; // checks everything else
}

std::string local_seconds_text(WallTime time) {
    const std::string text = local_text(time);
    return text.substr(0, text.find('.'));
}

} // namespace keeper
