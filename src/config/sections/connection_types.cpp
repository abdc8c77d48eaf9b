// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/sections/connection_types.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace keeper {

namespace {

/// The types whose name differs from nmcli's short name.
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> short_names{{
    {"ethernet", "802-3-ethernet"},
    {"wifi", "802-11-wireless"},
    {"olpc-mesh", "802-11-olpc-mesh"},
}};

/// From nm-settings-nmcli(5) and `nmcli connection add`.
constexpr std::array<std::string_view, 34> types{
    "6lowpan",
    "802-11-olpc-mesh",
    "802-11-wireless",
    "802-3-ethernet",
    "adsl",
    "bluetooth",
    "bond",
    "bond-slave",
    "bridge",
    "bridge-slave",
    "cdma",
    "dummy",
    "generic",
    "gsm",
    "hsr",
    "infiniband",
    "ip-tunnel",
    "ipvlan",
    "loopback",
    "macsec",
    "macvlan",
    "ovs-bridge",
    "ovs-interface",
    "ovs-port",
    "pppoe",
    "team",
    "tun",
    "veth",
    "vlan",
    "vpn",
    "vrf",
    "vxlan",
    "wifi-p2p",
    "wireguard"};

} // namespace

std::string canonical_connection_type(std::string_view type) {
    for (const auto& [short_name, name] : short_names) {
        if (short_name == type) {
            return std::string(name);
        }
    }
    return std::string(type);
}

bool is_connection_type(std::string_view canonical) {
    return std::find(types.begin(), types.end(), canonical) != types.end();
}

std::vector<std::string> connection_type_names() {
    std::vector<std::string> result(types.begin(), types.end());
    for (const auto& entry : short_names) {
        result.emplace_back(entry.first);
    }
    return result;
}

} // namespace keeper
