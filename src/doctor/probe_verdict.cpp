// SPDX-License-Identifier: LGPL-2.1-or-later
#include "doctor/probe_verdict.hpp"

#include "model/mptcp_counters.hpp"

namespace keeper {

namespace {

struct Evaluation {
    LostAt lost_at = LostAt::unknown;
    std::string evidence;
};

std::uint64_t increase(const ProbeFact& probe, const char* name) {
    return counter(probe.counters, name);
}

Evaluation evaluate_packets(const ProbeFact& probe) {
    if (probe.syn_with_option == 0) {
        return {
            LostAt::this_host,
            increase(probe, "MPCapableSYNTX") > 0
                ? "the kernel created a SYN with MP_CAPABLE, but it left without: a firewall on this host removes the option"
                : "no SYN with MP_CAPABLE left this host: the kernel did not request MPTCP"};
    }
    if (probe.syn_without_option > 0) {
        return {
            LostAt::path,
            "SYNs with MP_CAPABLE got no answer, but a SYN without it did: something on the path, or in "
            "front of the peer, drops them"};
    }
    if (probe.synack_with_option) {
        return increase(probe, "MPCapableSYNACKRX") > 0
                   ? Evaluation{LostAt::path, "the handshake used MPTCP, but the option was missing afterwards: the path removes it from data"}
                   : Evaluation{
                         LostAt::this_host,
                         "the answer reached this host with MP_CAPABLE, but the kernel did not see it: a "
                         "firewall on this host removes the option"};
    }
    if (probe.synack_padded) {
        return {
            LostAt::path,
            "the SYN left with MP_CAPABLE, and the answer has padding in place of the option: the path, or "
            "the peer's own firewall, overwrote it"};
    }
    return {
        LostAt::peer_or_path,
        "the SYN left with MP_CAPABLE, and the answer was plain TCP without a trace of it: the peer does not "
        "support MPTCP on this port, or the path removed the option from the SYN; this host cannot "
        "distinguish the two"};
}

Evaluation evaluate_failure(const ProbeFact& probe) {
    if (!probe.has_socket) {
        return {LostAt::this_host, probe.error + ": this host does not support MPTCP, or MPTCP is disabled"};
    }
    if (probe.connects_by_tcp.value_or(false)) {
        return {
            LostAt::path,
            probe.error + ", but plain TCP can connect: something on the path, or in front of the peer, "
                          "rejects SYNs with MP_CAPABLE"};
    }
    return {LostAt::unknown, probe.error};
}

Evaluation evaluate_connection(const ProbeFact& probe) {
    if (probe.fallback && !*probe.fallback) {
        return {LostAt::nowhere, "the connection uses MPTCP, also after one byte was sent"};
    }
    if (!probe.fallback && increase(probe, "MPCapableSYNACKRX") > 0 &&
        increase(probe, "MPCapableDataFallback") + increase(probe, "DssFallback") == 0) {
        return {LostAt::nowhere, "the handshake used MPTCP (MPCapableSYNACKRX), and no fallback followed"};
    }
    if (skipped_mptcp_after_blackhole(probe)) {
        return {
            LostAt::this_host,
            "the kernel opened the connection with plain TCP because it had detected a blackhole "
            "(MPCapableSYNTXDisabled)"};
    }
    if (probe.packets_seen) {
        return evaluate_packets(probe);
    }
    if (increase(probe, "MPCapableSYNTXDrop") > 0) {
        return {LostAt::path, "SYNs with MP_CAPABLE got no answer (MPCapableSYNTXDrop)"};
    }
    if (increase(probe, "MPCapableSYNTX") == 0) {
        return {LostAt::this_host, "the kernel sent no MP_CAPABLE (MPCapableSYNTX did not increase)"};
    }
    if (increase(probe, "MPCapableDataFallback") + increase(probe, "DssFallback") > 0) {
        return {LostAt::path, "the option was missing after the handshake (DssFallback)"};
    }
    return {
        LostAt::peer_or_path,
        "the answer came without MP_CAPABLE (MPCapableFallbackSYNACK); to distinguish the path from the "
        "peer, run doctor as root"};
}

} // namespace

ProbeVerdict evaluate_probe(const ProbeFact& probe) {
    const Evaluation evaluation = probe.connected ? evaluate_connection(probe) : evaluate_failure(probe);
    return {
        .target = probe.target,
        .address = probe.address,
        .connected = probe.connected,
        .lost_at = evaluation.lost_at,
        .evidence = evaluation.evidence};
}

bool skipped_mptcp_after_blackhole(const ProbeFact& probe) {
    return increase(probe, "MPCapableSYNTXDisabled") > 0;
}

} // namespace keeper
