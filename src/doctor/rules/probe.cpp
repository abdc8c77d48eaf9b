// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "doctor/fixes.hpp"
#include "doctor/probe_verdict.hpp"
#include "doctor/rules/rules.hpp"

namespace keeper::rules {

namespace {

/// The fix for a connection that failed.
std::string fix_for_failure(const ProbeFact& probe) {
    const std::size_t colon = probe.target.rfind(':');
    const std::string port = probe.target.substr(std::min(colon, probe.target.size() - 1) + 1);
    if (!probe.has_socket) {
        return "sysctl -w net.mptcp.enabled=1";
    }
    if (probe.address.empty()) {
        return "getent ahosts " + probe.target.substr(0, colon);
    }
    if (probe.connects_by_tcp.value_or(false)) {
        return "nft list ruleset | grep 'tcp option mptcp'   # on the peer and on each firewall on the path";
    }
    if (probe.connects_by_tcp) {
        return "ss -tlnp sport = :" + port + "   # on " + probe.address +
               ": is a program listening there? if so, a firewall rejects the connection";
    }
    return "ip route get " + probe.address +
           "   # is this the right route? is the host up? does a firewall drop port " + port + "?";
}

Finding failure(const ProbeFact& probe, const ProbeVerdict& verdict) {
    const bool is_lost = verdict.lost_at != LostAt::unknown;
    return {
        .code = FindingCode::probe_failed,
        .severity = Severity::warning,
        .subject = probe.target,
        .evidence = (is_lost ? "MPTCP was lost at " + std::string(to_string(verdict.lost_at)) + ": " : "") +
                    verdict.evidence,
        .fix = fix_for_failure(probe)};
}

} // namespace

Findings probe(const Facts& facts) {
    if (!facts.probe) {
        return {};
    }
    const ProbeVerdict verdict = evaluate_probe(*facts.probe);
    if (verdict.lost_at == LostAt::nowhere) {
        return {};
    }
    if (!facts.probe->connected) {
        return {failure(*facts.probe, verdict)};
    }
    std::string fix = "mptcp-keeper doctor   # on the peer: does its program listen on an MPTCP socket? if "
                      "so, the path removes the option";
    if (skipped_mptcp_after_blackhole(*facts.probe)) {
        fix = end_blackhole;
    } else if (verdict.lost_at == LostAt::this_host) {
        fix = "nft list ruleset | grep -n 'tcp option mptcp'; iptables-save | grep TCPOPTSTRIP";
    } else if (verdict.lost_at == LostAt::path) {
        fix = "mptcp-keeper doctor   # on each router and firewall on the path";
    }
    return {
        {.code = verdict.lost_at == LostAt::path && facts.probe->syn_without_option > 0
                     ? FindingCode::blackhole_active
                     : FindingCode::peer_or_path_fallback,
         .severity = Severity::warning,
         .subject = facts.probe->target,
         .evidence = "MPTCP was lost at " + std::string(to_string(verdict.lost_at)) + ": " + verdict.evidence,
         .fix = fix}};
}

} // namespace keeper::rules
