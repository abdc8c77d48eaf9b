// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/text/shell_word.hpp"
#include "model/mptcp_counters.hpp"

#include <initializer_list>

#include "base/text/join.hpp"
#include "doctor/fixes.hpp"
#include "doctor/rules/rules.hpp"
#include "doctor/subflow_limit.hpp"

namespace keeper::rules {

namespace {

/// "MPJoinSynTx 4, MPJoinSynAckRx 1": the counters that are not 0; "" if all are.
std::string non_zero_text(const Facts& facts, std::initializer_list<const char*> names) {
    std::vector<std::string> texts;
    for (const char* name : names) {
        if (const std::uint64_t value = counter(facts.counters, name); value > 0) {
            texts.push_back(std::string(name) + " " + std::to_string(value));
        }
    }
    return joined(texts, ", ");
}

void check_fallback(const Facts& facts, Findings& findings) {
    const std::string client = non_zero_text(facts, {"MPCapableFallbackSYNACK"});
    const std::string server = non_zero_text(facts, {"MPCapableFallbackACK"});
    const std::string later = non_zero_text(facts, {"MPCapableDataFallback", "DssFallback"});
    const auto add = [&](const std::string& subject,
                         const std::string& evidence,
                         std::uint64_t fallbacks,
                         std::uint64_t successes) {
        findings.push_back(
            {.code = FindingCode::peer_or_path_fallback,
             .severity = fallbacks > successes ? Severity::warning : Severity::info,
             .subject = subject,
             .evidence = evidence,
             .fix = "mptcp-keeper doctor --probe " + fallback_peer(facts) +
                    "   # shows where the option is lost"});
    };
    if (!client.empty()) {
        add("connections to peers",
            client + " (of MPCapableSYNTX " + std::to_string(counter(facts.counters, "MPCapableSYNTX")) +
                "): they requested MPTCP and were answered in plain TCP: the peer does not support MPTCP, or "
                "the path removes the option",
            counter(facts.counters, "MPCapableFallbackSYNACK"),
            counter(facts.counters, "MPCapableSYNACKRX"));
    }
    if (!server.empty()) {
        add("connections from peers",
            server + " (of MPCapableSYNRX " + std::to_string(counter(facts.counters, "MPCapableSYNRX")) +
                "): the third packet of the handshake arrived without the option: the path removes it in one direction",
            counter(facts.counters, "MPCapableFallbackACK"),
            counter(facts.counters, "MPCapableACKRX"));
    }
    if (!later.empty()) {
        add("connections after the handshake",
            later +
                ": the handshake had the option, but data arrived without it: the path removes it from data",
            1,
            0);
    }
}

/// Whether SYNs with MP_CAPABLE are unanswered so often that peers being down hardly explains it. Each
/// connection to a host that is down or a port without a listener counts too: the kernel's last SYN has no
/// MPTCP option.
bool are_often_unanswered(const Facts& facts) {
    constexpr std::uint64_t often = 10;
    const std::uint64_t unanswered = counter(facts.counters, "MPCapableSYNTXDrop");
    return unanswered >= often && unanswered >= counter(facts.counters, "MPCapableSYNTX") / often;
}

void check_blackhole(const Facts& facts, Findings& findings) {
    const std::string active = non_zero_text(facts, {"Blackhole", "MPCapableSYNTXDisabled"});
    const std::string unanswered = non_zero_text(facts, {"MPCapableSYNTXDrop"});
    if (!active.empty()) {
        findings.push_back(
            {.code = FindingCode::blackhole_active,
             .severity = Severity::warning,
             .subject = "connections to peers",
             .evidence =
                 active + (unanswered.empty() ? "" : ", " + unanswered) +
                 ": SYNs with MP_CAPABLE were lost and those without it got through: something on the path "
                 "drops them, and the kernel then uses plain TCP for blackhole_timeout seconds",
             .fix = end_blackhole});
    } else if (are_often_unanswered(facts)) {
        const bool counts_blackholes = facts.counters.contains("Blackhole"); // since Linux 6.12
        findings.push_back(
            {.code = FindingCode::blackhole_active,
             .severity = counts_blackholes ? Severity::info : Severity::warning,
             .subject = "connections to peers",
             .evidence = unanswered + " (of MPCapableSYNTX " +
                         std::to_string(counter(facts.counters, "MPCapableSYNTX")) +
                         "): SYNs with MP_CAPABLE got no answer" +
                         (counts_blackholes ? ", nor did those without it (Blackhole 0): probably the peers "
                                              "are down, and no path drops MPTCP"
                                            : ": the peers are down, or a path drops these SYNs"),
             .fix = "mptcp-keeper doctor --probe " + fallback_peer(facts) + "   # shows which"});
    }
}

/// Queries the route to a peer from an endpoint that no connection uses.
std::string second_path(const Facts& facts) {
    const auto peer = live_peer(facts);
    for (const Endpoint& endpoint : idle_endpoints(facts)) {
        if (peer && peer->family() == endpoint.key.address.family()) {
            return "ip route get " + to_string(*peer) + " from " + to_string(endpoint.key.address) + " oif " +
                   shell_word(find_address(facts, endpoint.key.address).link->name);
        }
    }
    return "ip route get PEER from ENDPOINT oif INTERFACE";
}

std::string readd_idle(const Facts& facts) {
    std::vector<std::string> commands;
    for (const Endpoint& endpoint : idle_endpoints(facts)) {
        commands.push_back(readd_command(facts, endpoint));
    }
    return commands.empty() ? "ip mptcp endpoint show   # delete and re-add an endpoint whose address is "
                              "back: the kernel then tries it again"
                            : joined(commands, "\n");
}

/// Adds a route for an endpoint that no connection uses.
std::string route_for_idle(const Facts& facts) {
    const std::vector<Endpoint> idle = idle_endpoints(facts);
    return idle.empty() ? "ip route add default via GATEWAY dev INTERFACE metric 200   # until the next boot"
                        : add_route(facts, idle.front().key.address, "default");
}

void check_joins(const Facts& facts, Findings& findings) {
    const std::uint64_t sent = counter(facts.counters, "MPJoinSynTx");
    const std::uint64_t answered = counter(facts.counters, "MPJoinSynAckRx");
    const auto add = [&](const std::string& subject, const std::string& evidence, const std::string& fix) {
        findings.push_back(
            {.code = FindingCode::join_blocked,
             .severity = Severity::warning,
             .subject = subject,
             .evidence = evidence,
             .fix = fix});
    };
    if (sent > answered) {
        add("additional subflows",
            "MPJoinSynTx " + std::to_string(sent) + ", MPJoinSynAckRx " + std::to_string(answered) +
                ": subflows were attempted but not answered: the second path is blocked, or the peer's limit is reached",
            second_path(facts) + "   # is this the second path? if so, find what drops MP_JOIN on it");
    }
    if (const std::string seen = non_zero_text(facts, {"MPJoinSynTxBindErr"}); !seen.empty()) {
        add("endpoints",
            seen + ": an endpoint's address was missing or not usable yet when the kernel tried it; the "
                   "kernel does not retry",
            readd_idle(facts));
    }
    if (const std::string seen = non_zero_text(facts, {"MPJoinSynTxConnectErr"}); !seen.empty()) {
        add("endpoints",
            seen + ": an endpoint had no route to the peer, or to an address that the peer announced",
            route_for_idle(facts));
    }
    if (const std::string seen = non_zero_text(facts, {"MPJoinRejected"}); !seen.empty()) {
        findings.push_back(
            {.code = FindingCode::join_rejected,
             .severity = Severity::warning,
             .subject = "limits.subflows",
             .evidence = seen + ": peers attempted more subflows than this host's limit allows",
             .fix = raise_subflows(facts)});
    }
}

std::string enable_checksums(const Facts& facts) {
    const std::string* enabled = find_sysctl_value(facts.host, "checksum_enabled");
    return enabled != nullptr && *enabled == "1"
               ? "mptcp-keeper connections   # checksums are enabled here: enable them on these peers too, "
                 "then find what rewrites data on the path"
               : "sysctl: {checksum_enabled: true}   # on both ends, so that such data never reaches a "
                 "program; then find what rewrites it";
}

void check_middleboxes(const Facts& facts, Findings& findings) {
    const std::string rewritten = non_zero_text(
        facts,
        {"DataCsumErr",
         "InfiniteMapTx",
         "InfiniteMapRx",
         "MPFailTx",
         "MPFailRx",
         "DSSNotMatching",
         "DSSCorruptionFallback",
         "DSSCorruptionReset"});
    if (!rewritten.empty()) {
        findings.push_back(
            {.code = FindingCode::middlebox_rewrites,
             .severity = Severity::warning,
             .subject = "the path",
             .evidence = rewritten + ": received data does not match its MPTCP mapping: something on the "
                                     "path rewrites the payload",
             .fix = enable_checksums(facts)});
    }
    const std::string elsewhere =
        non_zero_text(facts, {"MPJoinNoTokenFound", "MPJoinSynAckHMacFailure", "MPJoinAckHMacFailure"});
    if (!elsewhere.empty()) {
        findings.push_back(
            {.code = FindingCode::middlebox_rewrites,
             .severity = Severity::warning,
             .subject = "additional subflows",
             .evidence = elsewhere + ": subflows reached a host that does not know their connection: a load "
                                     "balancer or NAT sends them to the wrong host",
             .fix = propose_endpoints(facts, {EndpointFlag::signal}) +
                    "   # this host's own address, so that subflows bypass it"});
    }
}

} // namespace

Findings counters(const Facts& facts) {
    Findings findings;
    check_fallback(facts, findings);
    check_blackhole(facts, findings);
    check_joins(facts, findings);
    check_middleboxes(facts, findings);
    return findings;
}

} // namespace keeper::rules
