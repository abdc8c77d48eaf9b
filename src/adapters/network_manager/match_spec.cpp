// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/network_manager/match_spec.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <optional>
#include <string_view>

#include <glib.h>

namespace keeper {

namespace {

/// Removes the prefix, in upper or lower case; false if there is none.
bool take_prefix(std::string_view& spec, std::string_view prefix) {
    if (spec.size() < prefix.size() || g_ascii_strncasecmp(spec.data(), prefix.data(), prefix.size()) != 0) {
        return false;
    }
    spec.remove_prefix(prefix.size());
    return true;
}

bool fits_glob(std::string_view pattern, const std::string& text) {
    return g_pattern_match_simple(std::string(pattern).c_str(), text.c_str()) != FALSE;
}

bool is_interface(std::string_view spec, const std::string& interface) {
    const bool is_literal = take_prefix(spec, "=");
    if (!is_literal) {
        (void)take_prefix(spec, "~");
    }
    return spec == interface || (!is_literal && fits_glob(spec, interface));
}

bool is_hardware_address(std::string_view spec, const std::string& address) {
    std::string wanted(spec);
    for (char& character : wanted) {
        character = character == '-' ? ':' : g_ascii_tolower(character);
    }
    return !address.empty() && wanted == address;
}

/// "DRIVER", or "DRIVER/VERSION" with a glob for the version.
bool is_driver(std::string_view spec, const DeviceIdentity& device) {
    const std::size_t slash = spec.rfind('/');
    if (slash == std::string_view::npos) {
        return !device.driver.empty() && spec == device.driver;
    }
    return !device.driver.empty() && device.driver.starts_with(spec.substr(0, slash)) &&
           fits_glob(spec.substr(slash + 1), device.driver_version);
}

/// Bare names and hardware addresses are accepted as well, but not after "except:".
enum class BareNames { allowed, refused };

bool fits_device(std::string_view spec, const DeviceIdentity& device, BareNames bare) {
    if (spec == "*") {
        return true;
    }
    if (take_prefix(spec, "type:")) {
        return spec == device.type;
    }
    if (take_prefix(spec, "mac:")) {
        return is_hardware_address(spec, device.permanent_address);
    }
    if (take_prefix(spec, "interface-name:")) {
        return is_interface(spec, device.interface);
    }
    if (take_prefix(spec, "driver:")) {
        return is_driver(spec, device);
    }
    if (take_prefix(spec, "dhcp-plugin:")) {
        return spec == device.dhcp_plugin;
    }
    return bare == BareNames::allowed &&
           (spec == device.interface || is_hardware_address(spec, device.permanent_address));
}

struct Version {
    std::array<unsigned, 3> parts{};
    std::size_t count = 0;
};

std::optional<Version> parse_version(std::string_view text) {
    Version version;
    while (version.count < version.parts.size()) {
        const char* const end = text.data() + text.size();
        const auto [next, error] = std::from_chars(text.data(), end, version.parts[version.count]);
        if (error != std::errc()) {
            return std::nullopt;
        }
        ++version.count;
        if (next == end) {
            return version;
        }
        if (*next != '.') {
            return std::nullopt;
        }
        text.remove_prefix(static_cast<std::size_t>(next - text.data()) + 1);
    }
    return std::nullopt;
}

using Comparison = std::function<bool(unsigned have, unsigned asked)>;

/// Only the last number given is a bound, those before it must be equal: "1.40.2" concerns only 1.40.
bool fits_version(std::string_view asked_text, const std::string& have_text, const Comparison& is_within) {
    const auto asked = parse_version(asked_text);
    // A development version has a suffix: "1.53.3-dev".
    const auto have = parse_version(std::string_view(have_text).substr(0, have_text.find('-')));
    if (!asked || !have) {
        return false;
    }
    for (std::size_t i = 0; i + 1 < asked->count; ++i) {
        if (have->parts[i] != asked->parts[i]) {
            return false;
        }
    }
    const std::size_t last = asked->count - 1;
    return is_within(have->parts[last], asked->parts[last]);
}

bool fits_configuration(std::string_view spec, const std::string& version) {
    if (take_prefix(spec, "nm-version-min:")) {
        return fits_version(spec, version, std::greater_equal<>());
    }
    if (take_prefix(spec, "nm-version-max:")) {
        return fits_version(spec, version, std::less_equal<>());
    }
    return take_prefix(spec, "nm-version:") && fits_version(spec, version, std::equal_to<>());
}

/// Whether a list selects: a matching exception decides, otherwise any other match; a list of exceptions
/// alone selects everything else.
bool selects(
    const std::vector<std::string>& specs,
    const std::function<bool(std::string_view spec, BareNames bare)>& fits) {
    bool has_exceptions = false;
    bool has_others = false;
    bool fits_other = false;
    for (const std::string& text : specs) {
        std::string_view spec = text;
        const bool is_exception = take_prefix(spec, "except:");
        has_exceptions = has_exceptions || is_exception;
        has_others = has_others || !is_exception;
        if (!fits(spec, is_exception ? BareNames::refused : BareNames::allowed)) {
            continue;
        }
        if (is_exception) {
            return false;
        }
        fits_other = true;
    }
    return fits_other || (has_exceptions && !has_others);
}

/// What a backslash followed by this character means.
std::string unescaped(char character) {
    switch (character) {
    case 's':
        return " ";
    case 'n':
        return "\n";
    case 't':
        return "\t";
    case 'r':
        return "\r";
    case '\\':
    case ',':
    case ';':
        return {character};
    default:
        return {'\\', character};
    }
}

} // namespace

std::vector<std::string> split_match_specs(const std::string& raw) {
    std::vector<std::string> specs;
    std::string spec;
    std::size_t kept = 0; // white space before this position is not trailing
    const auto finish = [&] {
        spec.resize(kept);
        if (!spec.empty()) {
            specs.push_back(spec);
        }
        spec.clear();
        kept = 0;
    };
    for (std::size_t i = 0; i < raw.size(); ++i) {
        const char character = raw[i];
        if (character == ',' || character == ';') {
            finish();
        } else if (character == '\\' && i + 1 < raw.size()) {
            spec += unescaped(raw[++i]);
            kept = spec.size();
        } else if (g_ascii_isspace(character) == FALSE) {
            spec += character;
            kept = spec.size();
        } else if (!spec.empty()) {
            spec += character;
        }
    }
    finish();
    return specs;
}

bool matches_device(const std::vector<std::string>& specs, const DeviceIdentity& device) {
    return selects(
        specs, [&](std::string_view spec, BareNames bare) { return fits_device(spec, device, bare); });
}

bool matches_version(const std::vector<std::string>& specs, const std::string& version) {
    return selects(
        specs, [&](std::string_view spec, BareNames) { return fits_configuration(spec, version); });
}

} // namespace keeper
