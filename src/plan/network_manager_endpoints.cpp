// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/network_manager_endpoints.hpp"

#include <charconv>

namespace keeper {

namespace {

constexpr std::uint8_t scope_link = 253; // RT_SCOPE_LINK
constexpr std::uint8_t scope_host = 254; // RT_SCOPE_HOST

bool is_handed_out(const LinkAddress& address) {
    return address.no_prefix_route && address.is_usable() && !address.temporary &&
           address.scope != scope_link && address.scope != scope_host && !address.address.is_link_local() &&
           !address.address.is_loopback() && !address.address.is_unique_local();
}

} // namespace

bool is_older(std::string_view version, int major, int minor) {
    int have_major = 0;
    int have_minor = 0;
    const char* const end = version.data() + version.size();
    const char* next = std::from_chars(version.data(), end, have_major).ptr;
    if (next != end && *next == '.') {
        std::from_chars(next + 1, end, have_minor);
    }
    return have_major != major ? have_major < major : have_minor < minor;
}

bool ignores_vpn_plugins(std::string_view version) {
    return is_older(version, 1, 54);
}

bool knows_mptcp_flags(const NetworkManagerState& network_manager) {
    return network_manager.version.empty() || !is_older(network_manager.version, 1, 40);
}

MptcpFlags
resolve(MptcpFlags flags, const ProfileActivation& activation, const NetworkManagerState& network_manager) {
    if (!knows_mptcp_flags(network_manager)) {
        return {MptcpFlag::disabled};
    }
    return flags.empty() ? activation.default_flags.value_or(network_manager.default_flags) : flags;
}

std::vector<Endpoint> endpoints_by_network_manager(MptcpFlags flags, const Link& link, bool sysctl_enabled) {
    std::vector<Endpoint> result;
    if (!makes_endpoints(flags) || (!sysctl_enabled && !flags.has(MptcpFlag::also_without_sysctl))) {
        return result;
    }
    const bool any_route = flags.has(MptcpFlag::also_without_default_route);
    for (const LinkAddress& address : link.addresses) {
        const bool has_route =
            address.address.family() == Family::ipv4 ? link.default_route_v4 : link.default_route_v6;
        if (is_handed_out(address) && (any_route || has_route)) {
            result.push_back(
                {.key = {address.address, 0}, .flags = to_endpoint_flags(flags), .ifindex = link.ifindex});
        }
    }
    return result;
}

} // namespace keeper
