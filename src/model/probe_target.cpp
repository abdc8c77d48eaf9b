// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/probe_target.hpp"

#include <charconv>

#include "model/ip_address.hpp"

namespace keeper {

std::optional<ProbeTarget> parse_probe_target(const std::string& text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string::npos || colon == 0 || text.front() == '-') {
        return std::nullopt;
    }
    ProbeTarget target;
    target.host = text.substr(0, colon);
    if (target.host.front() == '[' && target.host.back() == ']') {
        target.host = target.host.substr(1, target.host.size() - 2);
        if (!IpAddress::parse(target.host)) {
            return std::nullopt;
        }
    } else if (target.host.find_first_of(":[]/ \t") != std::string::npos) {
        return std::nullopt;
    }
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, target.port);
    return error == std::errc() && stop == end && target.port != 0 ? std::optional(target) : std::nullopt;
}

} // namespace keeper
