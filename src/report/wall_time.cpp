#include "report/wall_time.hpp"

#include <cstdio>
#include <ctime>

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
    const int read = std::sscanf(
        text.c_str(),
        "%4d-%2d-%2dT%2d:%2d:%2d.%6dZ",
        &parts.tm_year,
        &parts.tm_mon,
        &parts.tm_mday,
        &parts.tm_hour,
        &parts.tm_min,
        &parts.tm_sec,
        &microseconds);
    if (read != 7) {
        return std::nullopt;
    }
    parts.tm_year -= 1900;
    parts.tm_mon -= 1;
    const WallTime time =
        std::chrono::system_clock::from_time_t(::timegm(&parts)) + std::chrono::microseconds(microseconds);
    return utc_text(time) == text ? std::optional(time) : std::nullopt;
}

} // namespace keeper
