#include <algorithm>

#include "doctor/fixes.hpp"
#include "doctor/rules/rules.hpp"
#include "model/mptcp_counters.hpp"

namespace keeper::rules {

namespace {

struct Judgement {
    LostAt lost_at = LostAt::unknown;
    std::string evidence;
};

std::uint64_t grown(const ProbeFact& probe, const char* name) {
    return counter(probe.counters, name);
}

bool is_left_out_for_blackhole(const ProbeFact& probe) {
    return grown(probe, "MPCapableSYNTXDisabled") > 0;
}

Judgement judge_packets(const ProbeFact& probe) {
    if (probe.syn_with_option == 0) {
        return {
            LostAt::this_host,
            grown(probe, "MPCapableSYNTX") > 0
                ? "the kernel made a SYN with MP_CAPABLE, and it left without: a firewall of this host "
                  "removes the option"
                : "no SYN with MP_CAPABLE left this host: the kernel did not ask for MPTCP"};
    }
    if (probe.syn_without_option > 0) {
        return {
            LostAt::path,
            "SYNs with MP_CAPABLE stayed unanswered and one without was answered: something on the path, "
            "or in front of the peer, drops them"};
    }
    if (probe.synack_with_option) {
        return grown(probe, "MPCapableSYNACKRX") > 0
                   ? Judgement{LostAt::path,
                                  "the handshake was MPTCP, and the option was missing afterwards: the path "
                                  "removes it from data"}
                   : Judgement{LostAt::this_host,
                                  "the answer reached this host with MP_CAPABLE, and the kernel saw none: a "
                                  "firewall of this host removes the option"};
    }
    if (probe.synack_padded) {
        return {
            LostAt::path,
            "the SYN left with MP_CAPABLE, and where the answer's would stand there is padding: the path, "
            "or the peer's own firewall, wiped it out"};
    }
    return {
        LostAt::peer_or_path,
        "the SYN left with MP_CAPABLE, and the answer came in plain TCP without a trace of it: the peer has "
        "no MPTCP on this port, or something wiped the option from the SYN on the way there; from here the "
        "two look the same"};
}

Judgement judge_failure(const ProbeFact& probe) {
    if (!probe.has_socket) {
        return {LostAt::this_host, probe.error + ": this host has no MPTCP, or it is switched off"};
    }
    if (probe.connects_by_tcp.value_or(false)) {
        return {
            LostAt::path,
            probe.error + ", and without MPTCP it can be: something on the path, or in front of the peer, "
                          "refuses SYNs with MP_CAPABLE"};
    }
    return {LostAt::unknown, "there is no connection: " + probe.error};
}

Judgement judge_any(const ProbeFact& probe) {
    if (!probe.connected) {
        return judge_failure(probe);
    }
    if (probe.fallback && !*probe.fallback) {
        return {LostAt::nowhere, "the connection is MPTCP, also after a byte was sent"};
    }
    if (!probe.fallback && grown(probe, "MPCapableSYNACKRX") > 0 &&
        grown(probe, "MPCapableDataFallback") + grown(probe, "DssFallback") == 0) {
        return {LostAt::nowhere, "the handshake was MPTCP (MPCapableSYNACKRX), and nothing fell back since"};
    }
    if (is_left_out_for_blackhole(probe)) {
        return {
            LostAt::this_host,
            "the kernel opened it with plain TCP since it has found a blackhole (MPCapableSYNTXDisabled)"};
    }
    if (probe.packets_seen) {
        return judge_packets(probe);
    }
    if (grown(probe, "MPCapableSYNTXDrop") > 0) {
        return {LostAt::path, "SYNs with MP_CAPABLE stayed unanswered (MPCapableSYNTXDrop)"};
    }
    if (grown(probe, "MPCapableSYNTX") == 0) {
        return {LostAt::this_host, "the kernel sent no MP_CAPABLE (MPCapableSYNTX did not grow)"};
    }
    if (grown(probe, "MPCapableDataFallback") + grown(probe, "DssFallback") > 0) {
        return {LostAt::path, "the option was missing after the handshake (DssFallback)"};
    }
    return {
        LostAt::peer_or_path,
        "the answer came without MP_CAPABLE (MPCapableFallbackSYNACK); without the right to watch its "
        "packets, path and peer cannot be told apart"};
}

/// What to do about a connection that could not be made.
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
        return "nft list ruleset | grep 'tcp option mptcp'   # on the peer, and on each firewall of the path";
    }
    if (probe.connects_by_tcp) {
        return "ss -tlnp sport = :" + port + "   # on " + probe.address +
               ": does anything listen there? then a firewall refuses the connection";
    }
    return "ip route get " + probe.address +
           "   # is that the way? is the host up, does a firewall drop port " + port + "?";
}

Finding failure(const ProbeFact& probe, const ProbeVerdict& verdict) {
    const bool is_lost = verdict.lost_at != LostAt::unknown;
    return {
        FindingCode::probe_failed,
        Severity::warning,
        probe.target,
        (is_lost ? "MPTCP was lost at " + std::string(to_string(verdict.lost_at)) + ": " : "") +
            verdict.evidence,
        fix_for_failure(probe)};
}

} // namespace

ProbeVerdict judge(const ProbeFact& probe) {
    const Judgement judgement = judge_any(probe);
    return {probe.target, probe.address, probe.connected, judgement.lost_at, judgement.evidence};
}

Findings probe(const Facts& facts) {
    if (!facts.probe) {
        return {};
    }
    const ProbeVerdict verdict = judge(*facts.probe);
    if (verdict.lost_at == LostAt::nowhere) {
        return {};
    }
    if (!facts.probe->connected) {
        return {failure(*facts.probe, verdict)};
    }
    std::string fix =
        "mptcp-keeper doctor   # on the peer: does its program listen with MPTCP? then the path "
        "wipes the option";
    if (is_left_out_for_blackhole(*facts.probe)) {
        fix = forget_blackhole;
    } else if (verdict.lost_at == LostAt::this_host) {
        fix = "nft list ruleset | grep -n 'tcp option mptcp'; iptables-save | grep TCPOPTSTRIP";
    } else if (verdict.lost_at == LostAt::path) {
        fix = "mptcp-keeper doctor   # on each router and firewall of the path";
    }
    return {
        {verdict.lost_at == LostAt::path && facts.probe->syn_without_option > 0
             ? FindingCode::blackhole_active
             : FindingCode::peer_or_path_fallback,
         Severity::warning,
         facts.probe->target,
         "MPTCP was lost at " + std::string(to_string(verdict.lost_at)) + ": " + verdict.evidence,
         fix}};
}

} // namespace keeper::rules
