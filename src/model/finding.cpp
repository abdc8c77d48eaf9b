#include "model/finding.hpp"

#include <algorithm>
#include <array>

namespace keeper {

namespace {

constexpr std::array<std::string_view, 48> code_names = {
    "KERNEL_NO_MPTCP",
    "MPTCP_DISABLED",
    "WRONG_SYSCTL_NAME",
    "SYSCTL_OVERRIDDEN",
    "SUBFLOW_LIMIT_TOO_LOW",
    "ADD_ADDR_NOT_ACCEPTED",
    "NO_ENDPOINT",
    "ENDPOINT_ADDRESS_MISSING",
    "ENDPOINT_ADDRESS_TENTATIVE",
    "ENDPOINT_NO_DEVICE",
    "ENDPOINT_NO_ROUTE",
    "ENDPOINT_TABLE_FULL",
    "NO_DEFAULT_ROUTE",
    "SAME_SUBNET",
    "FAMILY_MISMATCH",
    "RP_FILTER_STRICT",
    "LINK_DOWN",
    "USERSPACE_PATH_MANAGER",
    "MPTCPD_CONFLICT",
    "MPTCPD_CONFIG",
    "NM_TOO_OLD",
    "NM_FLAGS_NOT_LIVE",
    "NM_CONF_DEFAULT",
    "NM_MAKES_NO_ENDPOINT",
    "FIREWALL_STRIPS_MPTCP",
    "FIREWALL_DROPS_JOIN",
    "PEER_OR_PATH_FALLBACK",
    "BLACKHOLE_ACTIVE",
    "JOIN_BLOCKED",
    "JOIN_REJECTED",
    "MIDDLEBOX_REWRITES",
    "APP_USES_TCP",
    "PRELOAD_INEFFECTIVE",
    "GO_PROGRAM",
    "SOCKET_UNIT_TCP",
    "SELINUX_DENIAL",
    "APPARMOR_DENIAL",
    "CONTAINER_NAMESPACE",
    "RECIPE_LEFTOVER",
    "DISABLE_BREAKS_PROGRAMS",
    "PROBE_FAILED",
    "ENDPOINT_USELESS",
    "ENDPOINT_WRONG_ROLE",
    "INITIAL_ADDRESS_CLOSED",
    "PEER_ADDRESS_CLOSED",
    "ADD_ADDR_DROPPED",
    "TUNNEL_AS_PATH",
    "ALL_SUBFLOWS_BACKUP",
};

static_assert(static_cast<std::size_t>(FindingCode::all_subflows_backup) + 1 == code_names.size());

} // namespace

std::string_view to_string(FindingCode code) {
    return code_names[static_cast<std::size_t>(code)];
}

std::string_view to_string(Severity severity) {
    switch (severity) {
    case Severity::error:
        return "error";
    case Severity::warning:
        return "warning";
    case Severity::info:
        return "info";
    }
    return "";
}

std::string_view to_string(LostAt place) {
    switch (place) {
    case LostAt::nowhere:
        return "nowhere";
    case LostAt::this_host:
        return "this host";
    case LostAt::path:
        return "the path";
    case LostAt::peer:
        return "the peer";
    case LostAt::peer_or_path:
        return "the peer or the path";
    case LostAt::unknown:
        return "unknown";
    }
    return "";
}

bool Diagnosis::healthy() const {
    return std::all_of(findings.begin(), findings.end(), [](const Finding& finding) {
        return finding.severity == Severity::info;
    });
}

} // namespace keeper
