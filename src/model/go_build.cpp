// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/go_build.hpp"

#include <charconv>
#include <cstdint>

namespace keeper {

namespace {

constexpr std::string_view magic = "\xff Go buildinf:";
constexpr std::size_t flags_at = 15;
constexpr std::size_t text_at = 32;
constexpr std::uint8_t text_follows = 2; ///< otherwise two pointers follow, as before Go 1.18

/// Removes a number of Go's encoding/binary (Uvarint) from the text; std::nullopt if it is incomplete.
std::optional<std::uint64_t> take_varint(std::string_view& text) {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !text.empty(); shift += 7) {
        const auto byte = static_cast<std::uint8_t>(text.front());
        text.remove_prefix(1);
        value |= std::uint64_t{byte & 0x7fU} << shift;
        if ((byte & 0x80U) == 0) {
            return value;
        }
    }
    return std::nullopt;
}

/// Whether the version is Go 1.MINOR or later, or no release.
bool is_at_least(std::string_view version, int first_minor) {
    int major = 0;
    int minor = 0;
    const char* const end = version.data() + version.size();
    const auto [next, error] = std::from_chars(version.data(), end, major);
    if (error != std::errc() || next == end || *next != '.' ||
        std::from_chars(next + 1, end, minor).ec != std::errc()) {
        return true;
    }
    return major > 1 || minor >= first_minor;
}

} // namespace

std::optional<std::string> go_version_of(std::string_view build_info) {
    if (!build_info.starts_with(magic) || build_info.size() < text_at) {
        return std::nullopt;
    }
    if ((static_cast<std::uint8_t>(build_info[flags_at]) & text_follows) == 0) {
        return "1.17";
    }
    std::string_view text = build_info.substr(text_at);
    const auto length = take_varint(text);
    if (!length || *length > text.size()) {
        return std::nullopt;
    }
    text = text.substr(0, *length);
    if (text.starts_with("go")) {
        text.remove_prefix(2);
    }
    return std::string(text.substr(0, text.find(' '))); // "1.24.4 X:nodwarf5" also names experiments
}

bool go_knows_mptcp(std::string_view version) {
    return is_at_least(version, 21);
}

bool go_covers_tcp_functions(std::string_view version) {
    return is_at_least(version, 24);
}

bool go_listens_with_mptcp(std::string_view version) {
    return is_at_least(version, 24);
}

} // namespace keeper
