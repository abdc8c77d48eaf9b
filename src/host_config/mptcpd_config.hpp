// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "model/endpoint.hpp"

/// The configuration of mptcpd(8), /etc/mptcpd/mptcpd.conf.
namespace keeper {

constexpr const char* mptcpd_config_file = "/etc/mptcpd/mptcpd.conf";

/// The value of the last key=value line for the key; "" if there is none.
[[nodiscard]] std::string mptcpd_setting(const std::string& text, const std::string& key);

/// The flags of the endpoints that mptcpd creates for interface addresses (addr-flags).
[[nodiscard]] EndpointFlags mptcpd_endpoint_flags(const std::string& text);

} // namespace keeper
