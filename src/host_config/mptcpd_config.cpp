// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host_config/mptcpd_config.hpp"

#include <string_view>

#include "base/text/lines.hpp"

namespace keeper {

std::string mptcpd_setting(const std::string& text, const std::string& key) {
    std::string value;
    for_each_line(text, [&](std::string_view line, int) {
        const bool is_setting = line.find('=') != std::string_view::npos;
        if (is_setting && trimmed(take_field(line, '=')) == key) {
            value = trimmed(line);
        }
    });
    return value;
}

EndpointFlags mptcpd_endpoint_flags(const std::string& text) {
    EndpointFlags flags;
    const std::string setting = mptcpd_setting(text, "addr-flags");
    for (const std::string_view name : words_of(setting, ", ")) {
        if (const auto flag = parse_endpoint_flag(name)) {
            flags = flags.with(*flag);
        }
    }
    return flags;
}

} // namespace keeper
