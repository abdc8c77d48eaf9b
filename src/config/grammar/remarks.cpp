// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/grammar/remarks.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>

#include <fmt/format.h>

#include "base/text/digits.hpp"
#include "base/text/duration.hpp"
#include "base/text/join.hpp"
#include "config/diagnostics.hpp"
#include "model/endpoint.hpp"
#include "model/mptcp_flags.hpp"

namespace keeper {

namespace {

/// The bits of a number as nmcli accepts it (decimal or 0x…); std::nullopt if it is not a number.
std::optional<std::uint32_t> parse_bits(std::string_view word) {
    int base = 10;
    if (word.starts_with("0x") || word.starts_with("0X")) {
        word.remove_prefix(2);
        base = 16;
    }
    std::uint32_t bits = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), bits, base);
    if (word.empty() || error != std::errc() || end != word.data() + word.size()) {
        return std::nullopt;
    }
    return bits;
}

} // namespace

std::string remark_on_address(std::string_view text) {
    if (const auto address = IpAddress::parse(text)) {
        if (address->is_unspecified()) {
            return "the unspecified address does not belong to an interface; use an address of the host";
        }
        if (address->is_multicast()) {
            return "a multicast address cannot be used for a connection; use a unicast address";
        }
        if (address->is_broadcast()) {
            return "the broadcast address cannot be used for a connection; use a unicast address";
        }
        if (address->is_v4_mapped()) {
            const auto v4 = IpAddress::from_bytes(address->bytes().data() + 12, 4);
            return "an IPv4-mapped IPv6 address never matches; use " + to_string(*v4);
        }
        return {};
    }
    const std::size_t slash = text.find('/');
    if (slash != std::string_view::npos && IpAddress::parse(text.substr(0, slash))) {
        return fmt::format("remove the prefix length: {}", text.substr(0, slash));
    }
    const std::size_t zone = text.find('%');
    if (zone != std::string_view::npos && IpAddress::parse(text.substr(0, zone))) {
        return fmt::format("use {} and name the interface in `interface`", text.substr(0, zone));
    }
    if (const auto key = parse_socket_address(text)) {
        return fmt::format("use address {} and put {} in `port`", to_string(key->address), key->port);
    }
    return "use a numeric address such as 192.0.2.1 or 2001:db8::1";
}

std::string remark_on_unit(std::string_view text) {
    if (text.find('/') != std::string_view::npos) {
        return "use the unit's name without a path";
    }
    const std::size_t dot = text.rfind('.');
    const std::string_view suffix = dot == std::string_view::npos ? "" : text.substr(dot + 1);
    if (suffix == "service" || suffix == "socket") {
        return {};
    }
    const std::vector<std::string> others{
        "timer", "target", "slice", "scope", "mount", "automount", "path", "device", "swap"};
    if (std::find(others.begin(), others.end(), suffix) != others.end()) {
        return "only .service and .socket units have sockets";
    }
    if (text.empty() || text.size() > 200) {
        return {};
    }
    return "use " + in_quotes(std::string(text) + ".service");
}

std::string remark_on_slice(std::string_view text) {
    if (text == "-.slice") {
        return "it contains every program of the host; use all: true";
    }
    if (text.find_first_of("*?[") != std::string_view::npos) {
        return "globs are not possible here; a slice includes the slices below it";
    }
    const std::size_t dot = text.rfind('.');
    const std::string_view suffix = dot == std::string_view::npos ? "" : text.substr(dot + 1);
    if (suffix == "service" || suffix == "socket") {
        return "declare units under applications.units";
    }
    return text.empty() || text.size() > 200 || text.ends_with(".slice")
               ? ""
               : "use " + in_quotes(std::string(text) + ".slice");
}

std::string remark_on_interval(std::string_view text) {
    using namespace std::chrono_literals;
    if (const auto duration = parse_duration(text)) {
        return *duration < 100ms || *duration > 1h ? "the allowed range is 100ms to 1h" : "";
    }
    if (is_all_digits(text)) {
        return fmt::format("add a unit: {0}s or {0}ms", text.substr(0, 20));
    }
    return "use a number directly followed by ms, s, m or h";
}

std::string remark_on_textfile(std::string_view text) {
    if (!text.starts_with('/')) {
        return "use an absolute path such as /run/mptcp-keeper/metrics.prom";
    }
    if (!text.ends_with(".prom")) {
        return "node_exporter reads only files whose name ends in .prom";
    }
    return text.find("/../") != std::string_view::npos || text.find("/./") != std::string_view::npos ||
                   text.find("//") != std::string_view::npos
               ? "write the path without . and .. and with single slashes"
               : "";
}

std::string remark_on_mptcp_flag(std::string_view word) {
    if (const auto bits = parse_bits(word)) {
        const auto flags = MptcpFlags::from_raw(*bits);
        const std::string spelled = to_string(flags);
        return spelled.find("0x") == std::string::npos ? fmt::format("use names: {}", spelled)
                                                       : "use names, not numbers";
    }
    return {};
}

std::string remark_on_endpoint_flag(std::string_view word) {
    if (word == "implicit") {
        return "only the kernel creates implicit endpoints";
    }
    if (word == "disabled" || word == "enabled" || word == "default" || word.starts_with("also-")) {
        return "it is a flag for a profile's mptcp-flags";
    }
    if (const auto bits = parse_bits(word)) {
        return fmt::format("use names: {}", enumerated(names(EndpointFlags::from_raw(*bits)), "and"));
    }
    return {};
}

std::string remark_on_sysctl_value(std::string_view text) {
    const bool looks_like_number = !text.empty() && (is_all_digits(text.substr(0, 1)) || text.front() == '+');
    return looks_like_number ? remark_on_integer(text) : "";
}

std::string remark_on_integer(std::string_view text) {
    const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
    if (digits.starts_with("0x") || digits.starts_with("0X") || digits.starts_with("0o") ||
        digits.starts_with("0b")) {
        return "use decimal notation";
    }
    if (text.starts_with('+')) {
        return "remove the +";
    }
    if (is_all_digits(digits)) {
        return digits.size() > 1 && digits.front() == '0'
                   ? "remove the leading zero, which YAML 1.1 reads as octal"
                   : "";
    }
    if (digits.find('_') != std::string_view::npos &&
        digits.find_first_not_of("0123456789_") == std::string_view::npos) {
        return "remove the _";
    }
    const std::size_t unit = digits.find_first_not_of("0123456789");
    if (unit != 0 && unit != std::string_view::npos && digits[unit] >= 'a' && digits[unit] <= 'z') {
        return "write the number without a unit";
    }
    return "use a whole number in decimal";
}

} // namespace keeper
