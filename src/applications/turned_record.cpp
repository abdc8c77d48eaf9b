// SPDX-License-Identifier: LGPL-2.1-or-later
#include "applications/turned_record.hpp"

#include <charconv>

#include "base/text/words.hpp"

namespace keeper {

namespace {

std::optional<std::uint64_t> number_of(std::string_view text) {
    std::uint64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [last, error] = std::from_chars(text.data(), end, number);
    return error == std::errc() && last == end ? std::optional(number) : std::nullopt;
}

} // namespace

std::string to_text(const TurnedUnit& turned) {
    return std::to_string(turned.since_us) + (turned.was_running ? " running" : " idle") +
           (turned.mptcp_start_us == 0 ? "" : " " + std::to_string(turned.mptcp_start_us)) + "\n";
}

std::optional<TurnedUnit> parse_turned_unit(std::string_view text) {
    const auto words = words_of(text);
    if (!text.ends_with('\n') || words.size() < 2 || words.size() > 3) {
        return std::nullopt;
    }
    const auto since = number_of(words[0]);
    const auto start = words.size() == 3 ? number_of(words[2]) : 0;
    const bool was_running = words[1] == "running";
    if (!since || !start || (!was_running && words[1] != "idle")) {
        return std::nullopt;
    }
    return TurnedUnit{.since_us = *since, .was_running = was_running, .mptcp_start_us = *start};
}

bool proves_mptcp(std::string_view result, std::chrono::microseconds ran) {
    constexpr std::chrono::seconds enough{10};
    constexpr std::chrono::seconds longest_start{90}; // TimeoutStartSec= by default
    if (result == "success") {
        return ran >= enough;
    }
    const bool may_be_starting = result.empty() || result == "timeout" || result == "protocol";
    return !may_be_starting && ran >= longest_start;
}

} // namespace keeper
