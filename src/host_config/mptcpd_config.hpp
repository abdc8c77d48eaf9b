#pragma once

#include <string>

#include "model/endpoint.hpp"

/// What /etc/mptcpd/mptcpd.conf says, of mptcpd(8).
namespace keeper {

constexpr const char* mptcpd_config_file = "/etc/mptcpd/mptcpd.conf";

/// The value of a key=value line; "" where there is none. The last one counts.
[[nodiscard]] std::string mptcpd_setting(const std::string& text, const std::string& key);

/// The flags of the endpoints that mptcpd makes of the addresses of interfaces (addr-flags).
[[nodiscard]] EndpointFlags mptcpd_endpoint_flags(const std::string& text);

} // namespace keeper
