#include "host_config/mptcpd_config.hpp"

#include <algorithm>
#include <sstream>

namespace keeper {

std::string mptcpd_setting(const std::string& text, const std::string& key) {
    std::istringstream lines(text);
    std::string value;
    for (std::string line; std::getline(lines, line);) {
        const std::size_t equals = line.find('=');
        if (equals != std::string::npos &&
            line.substr(0, line.find_last_not_of(' ', equals - 1) + 1) == key) {
            value = line.substr(std::min(line.size(), line.find_first_not_of(' ', equals + 1)));
        }
    }
    return value;
}

EndpointFlags mptcpd_endpoint_flags(const std::string& text) {
    EndpointFlags flags;
    std::istringstream words(mptcpd_setting(text, "addr-flags"));
    for (std::string word; std::getline(words, word, ',');) {
        const std::size_t start = word.find_first_not_of(' ');
        if (start == std::string::npos) {
            continue;
        }
        if (const auto flag =
                parse_endpoint_flag(word.substr(start, word.find_last_not_of(' ') + 1 - start))) {
            flags = flags | EndpointFlags{*flag};
        }
    }
    return flags;
}

} // namespace keeper
