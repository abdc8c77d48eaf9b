// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace keeper {

// One row per finding: the enumerator, and its name in reports, which scripts rely on.
// clang-format off
#define KEEPER_FINDING_CODES(ROW)                                   \
    ROW(kernel_no_mptcp, "KERNEL_NO_MPTCP")                         \
    ROW(mptcp_disabled, "MPTCP_DISABLED")                           \
    ROW(wrong_sysctl_name, "WRONG_SYSCTL_NAME")                     \
    ROW(sysctl_overridden, "SYSCTL_OVERRIDDEN")                     \
    ROW(subflow_limit_too_low, "SUBFLOW_LIMIT_TOO_LOW")             \
    ROW(add_addr_not_accepted, "ADD_ADDR_NOT_ACCEPTED")             \
    ROW(no_endpoint, "NO_ENDPOINT")                                 \
    ROW(endpoint_address_missing, "ENDPOINT_ADDRESS_MISSING")       \
    ROW(endpoint_address_tentative, "ENDPOINT_ADDRESS_TENTATIVE")   \
    ROW(endpoint_no_device, "ENDPOINT_NO_DEVICE")                   \
    ROW(endpoint_no_route, "ENDPOINT_NO_ROUTE")                     \
    ROW(endpoint_table_full, "ENDPOINT_TABLE_FULL")                 \
    ROW(no_default_route, "NO_DEFAULT_ROUTE")                       \
    ROW(same_subnet, "SAME_SUBNET")                                 \
    ROW(family_mismatch, "FAMILY_MISMATCH")                         \
    ROW(rp_filter_strict, "RP_FILTER_STRICT")                       \
    ROW(link_down, "LINK_DOWN")                                     \
    ROW(userspace_path_manager, "USERSPACE_PATH_MANAGER")           \
    ROW(mptcpd_conflict, "MPTCPD_CONFLICT")                         \
    ROW(mptcpd_config, "MPTCPD_CONFIG")                             \
    ROW(nm_too_old, "NM_TOO_OLD")                                   \
    ROW(nm_flags_not_live, "NM_FLAGS_NOT_LIVE")                     \
    ROW(nm_conf_default, "NM_CONF_DEFAULT")                         \
    ROW(nm_makes_no_endpoint, "NM_MAKES_NO_ENDPOINT")               \
    ROW(firewall_strips_mptcp, "FIREWALL_STRIPS_MPTCP")             \
    ROW(firewall_drops_join, "FIREWALL_DROPS_JOIN")                 \
    ROW(peer_or_path_fallback, "PEER_OR_PATH_FALLBACK")             \
    ROW(blackhole_active, "BLACKHOLE_ACTIVE")                       \
    ROW(join_blocked, "JOIN_BLOCKED")                               \
    ROW(join_rejected, "JOIN_REJECTED")                             \
    ROW(middlebox_rewrites, "MIDDLEBOX_REWRITES")                   \
    ROW(app_uses_tcp, "APP_USES_TCP")                               \
    ROW(preload_ineffective, "PRELOAD_INEFFECTIVE")                 \
    ROW(go_program, "GO_PROGRAM")                                   \
    ROW(socket_unit_tcp, "SOCKET_UNIT_TCP")                         \
    ROW(selinux_denial, "SELINUX_DENIAL")                           \
    ROW(apparmor_denial, "APPARMOR_DENIAL")                         \
    ROW(container_namespace, "CONTAINER_NAMESPACE")                 \
    ROW(recipe_leftover, "RECIPE_LEFTOVER")                         \
    ROW(disable_breaks_programs, "DISABLE_BREAKS_PROGRAMS")         \
    ROW(probe_failed, "PROBE_FAILED")                               \
    ROW(endpoint_useless, "ENDPOINT_USELESS")                       \
    ROW(endpoint_wrong_role, "ENDPOINT_WRONG_ROLE")                 \
    ROW(initial_address_closed, "INITIAL_ADDRESS_CLOSED")           \
    ROW(peer_address_closed, "PEER_ADDRESS_CLOSED")                 \
    ROW(add_addr_dropped, "ADD_ADDR_DROPPED")                       \
    ROW(tunnel_as_path, "TUNNEL_AS_PATH")                           \
    ROW(all_subflows_backup, "ALL_SUBFLOWS_BACKUP")

/// What doctor can find.
enum class FindingCode {
#define KEEPER_ENUMERATOR(code, name) code,
    KEEPER_FINDING_CODES(KEEPER_ENUMERATOR)
#undef KEEPER_ENUMERATOR
};

/// All of them, in the order of their enumerators.
inline constexpr std::array finding_codes{
#define KEEPER_CODE(code, name) FindingCode::code,
    KEEPER_FINDING_CODES(KEEPER_CODE)
#undef KEEPER_CODE
};
// clang-format on

/// "RP_FILTER_STRICT".
[[nodiscard]] std::string_view to_string(FindingCode code);

/// The code with that name, in the same spelling; std::nullopt for any other text.
[[nodiscard]] std::optional<FindingCode> parse_finding_code(std::string_view name);

} // namespace keeper
