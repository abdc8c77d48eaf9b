#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/program.hpp"

namespace keeper {

/// What doctor can find. The names in the reports are a contract: the enumerator in capitals.
enum class FindingCode {
    kernel_no_mptcp,
    mptcp_disabled,
    wrong_sysctl_name,
    sysctl_overridden,
    subflow_limit_too_low,
    add_addr_not_accepted,
    no_endpoint,
    endpoint_address_missing,
    endpoint_address_tentative,
    endpoint_no_device,
    endpoint_no_route,
    endpoint_table_full,
    no_default_route,
    same_subnet,
    family_mismatch,
    rp_filter_strict,
    link_down,
    userspace_path_manager,
    mptcpd_conflict,
    mptcpd_config,
    nm_too_old,
    nm_flags_not_live,
    nm_conf_default,
    nm_makes_no_endpoint,
    firewall_strips_mptcp,
    firewall_drops_join,
    peer_or_path_fallback,
    blackhole_active,
    join_blocked,
    join_rejected,
    middlebox_rewrites,
    app_uses_tcp,
    preload_ineffective,
    go_program,
    socket_unit_tcp,
    selinux_denial,
    apparmor_denial,
    container_namespace,
    recipe_leftover,
    disable_breaks_programs,
    probe_failed,
    endpoint_useless,
    endpoint_wrong_role,
    initial_address_closed,
    peer_address_closed,
    add_addr_dropped,
    tunnel_as_path,
    all_subflows_backup,
};
/// "RP_FILTER_STRICT".
[[nodiscard]] std::string_view to_string(FindingCode code);

enum class Severity { error, warning, info };
[[nodiscard]] std::string_view to_string(Severity severity);

/// Something that keeps connections from being MPTCP, or will.
struct Finding {
    FindingCode code = FindingCode::kernel_no_mptcp;
    Severity severity = Severity::warning;
    std::string subject;  ///< what it is about: an interface, an endpoint, a file, a process
    std::string evidence; ///< what was seen, and what follows from it
    std::string fix;      ///< a command or a YAML fragment to paste
    friend bool operator==(const Finding&, const Finding&) = default;
};

/// A check that could not be made.
struct SkippedCheck {
    std::string check;
    std::string reason;
    friend bool operator==(const SkippedCheck&, const SkippedCheck&) = default;
};

/// Where a probed connection stopped being MPTCP.
/// peer_or_path: a peer without MPTCP and a path that wipes the option from the SYN look the same from here.
enum class LostAt { nowhere, this_host, path, peer, peer_or_path, unknown };
[[nodiscard]] std::string_view to_string(LostAt place);

/// What a probe showed, and from what it is known.
struct ProbeVerdict {
    std::string target;     ///< HOST:PORT as it was asked for
    std::string address;    ///< empty: the name could not be resolved
    bool connected = false; ///< with or without MPTCP
    LostAt lost_at = LostAt::unknown;
    std::string evidence;
    friend bool operator==(const ProbeVerdict&, const ProbeVerdict&) = default;
};

/// What doctor has to say.
struct Diagnosis {
    std::vector<Finding> findings; ///< errors first, then warnings, then the rest
    std::vector<SkippedCheck> skipped;
    std::optional<ProbeVerdict> probe; ///< where one was asked for
    /// Those that were asked for, fine or not; nothing where none was.
    std::optional<std::vector<Program>> programs;

    /// No error and no warning was found. What was skipped is not known to be well.
    [[nodiscard]] bool healthy() const;
    friend bool operator==(const Diagnosis&, const Diagnosis&) = default;
};

} // namespace keeper
