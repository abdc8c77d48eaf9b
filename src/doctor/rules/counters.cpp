#include "model/mptcp_counters.hpp"

#include <initializer_list>

#include "doctor/fixes.hpp"
#include "doctor/rules/rules.hpp"

namespace keeper::rules {

namespace {

/// "MPJoinSynTx 4, MPJoinSynAckRx 1", those that are not 0; "" where all are.
std::string shown(const Facts& facts, std::initializer_list<const char*> names) {
    std::string text;
    for (const char* name : names) {
        if (const std::uint64_t value = counter(facts.counters, name); value > 0) {
            text += (text.empty() ? "" : ", ") + std::string(name) + " " + std::to_string(value);
        }
    }
    return text;
}

void check_fallback(const Facts& facts, Findings& findings) {
    const std::string client = shown(facts, {"MPCapableFallbackSYNACK"});
    const std::string server = shown(facts, {"MPCapableFallbackACK"});
    const std::string later = shown(facts, {"MPCapableDataFallback", "DssFallback"});
    const auto add = [&](const std::string& subject,
                         const std::string& evidence,
                         std::uint64_t fallen,
                         std::uint64_t well) {
        findings.push_back(
            {FindingCode::peer_or_path_fallback,
             fallen > well ? Severity::warning : Severity::info,
             subject,
             evidence,
             "mptcp-keeper doctor --probe " + fallen_peer(facts) + "   # tells where the option is lost"});
    };
    if (!client.empty()) {
        add("connections to peers",
            client + " (of MPCapableSYNTX " + std::to_string(counter(facts.counters, "MPCapableSYNTX")) +
                "): they asked for MPTCP and were answered in plain TCP: the peer has none, or the path "
                "removes the option",
            counter(facts.counters, "MPCapableFallbackSYNACK"),
            counter(facts.counters, "MPCapableSYNACKRX"));
    }
    if (!server.empty()) {
        add("connections from peers",
            server + " (of MPCapableSYNRX " + std::to_string(counter(facts.counters, "MPCapableSYNRX")) +
                "): the handshake's third packet came without the option: the path removes it in one "
                "direction",
            counter(facts.counters, "MPCapableFallbackACK"),
            counter(facts.counters, "MPCapableACKRX"));
    }
    if (!later.empty()) {
        add("connections after the handshake",
            later + ": the option was there in the handshake and missing on data: the path removes it there",
            1,
            0);
    }
}

/// SYNs with MP_CAPABLE got no answer so often that this is hardly peers that were down. Each connection to a
/// dead host or a port that nobody listens on counts too: the kernel's last SYN goes without MPTCP.
bool are_often_unanswered(const Facts& facts) {
    constexpr std::uint64_t often = 10;
    const std::uint64_t unanswered = counter(facts.counters, "MPCapableSYNTXDrop");
    return unanswered >= often && unanswered >= counter(facts.counters, "MPCapableSYNTX") / often;
}

void check_blackhole(const Facts& facts, Findings& findings) {
    const std::string active = shown(facts, {"Blackhole", "MPCapableSYNTXDisabled"});
    const std::string unanswered = shown(facts, {"MPCapableSYNTXDrop"});
    if (!active.empty()) {
        findings.push_back(
            {FindingCode::blackhole_active,
             Severity::warning,
             "connections to peers",
             active + (unanswered.empty() ? "" : ", " + unanswered) +
                 ": SYNs with MP_CAPABLE vanished and went through without it: something on the path drops "
                 "them, and the kernel then leaves MPTCP out for blackhole_timeout seconds",
             forget_blackhole});
    } else if (are_often_unanswered(facts)) {
        const bool is_told = facts.counters.contains("Blackhole"); // since Linux 6.12
        findings.push_back(
            {FindingCode::blackhole_active,
             is_told ? Severity::info : Severity::warning,
             "connections to peers",
             unanswered + " (of MPCapableSYNTX " + std::to_string(counter(facts.counters, "MPCapableSYNTX")) +
                 "): that many SYNs with MP_CAPABLE got no answer" +
                 (is_told ? ", nor did those without it (Blackhole 0): peers that are down, rather than a "
                            "path that drops MPTCP"
                          : ": peers that are down, or a path that drops them"),
             "mptcp-keeper doctor --probe " + fallen_peer(facts) + "   # tells which"});
    }
}

/// Asks the kernel for the way from an endpoint that no connection uses to a peer.
std::string second_path(const Facts& facts) {
    const auto peer = live_peer(facts);
    for (const Endpoint& endpoint : idle_endpoints(facts)) {
        if (peer && peer->family() == endpoint.key.address.family()) {
            return "ip route get " + to_string(*peer) + " from " + to_string(endpoint.key.address) + " oif " +
                   place_of(facts, endpoint.key.address).link->name;
        }
    }
    return "ip route get PEER from ENDPOINT oif INTERFACE";
}

std::string readd_idle(const Facts& facts) {
    std::string commands;
    for (const Endpoint& endpoint : idle_endpoints(facts)) {
        commands += (commands.empty() ? "" : "\n") + readd_command(facts, endpoint);
    }
    return commands.empty()
               ? "ip mptcp endpoint show   # an endpoint whose address is back is tried anew once it "
                 "was deleted and added"
               : commands;
}

/// A route for an endpoint that no connection uses.
std::string route_for_idle(const Facts& facts) {
    const std::vector<Endpoint> idle = idle_endpoints(facts);
    return idle.empty() ? "ip route add default via GATEWAY dev INTERFACE metric 200   # until the next boot"
                        : add_route(facts, idle.front().key.address, "default");
}

void check_joins(const Facts& facts, Findings& findings) {
    const std::uint64_t sent = counter(facts.counters, "MPJoinSynTx");
    const std::uint64_t answered = counter(facts.counters, "MPJoinSynAckRx");
    const auto add = [&](const std::string& subject, const std::string& evidence, const std::string& fix) {
        findings.push_back({FindingCode::join_blocked, Severity::warning, subject, evidence, fix});
    };
    if (sent > answered) {
        add("second subflows",
            "MPJoinSynTx " + std::to_string(sent) + ", MPJoinSynAckRx " + std::to_string(answered) +
                ": subflows were tried and not answered: the second path is blocked, or the peer's limit is "
                "reached",
            second_path(facts) + "   # is this the second path? then look for what drops MP_JOIN on it");
    }
    if (const std::string seen = shown(facts, {"MPJoinSynTxBindErr"}); !seen.empty()) {
        add("endpoints",
            seen + ": an endpoint's address was not local, or not usable yet, when it was tried; it is not "
                   "tried again",
            readd_idle(facts));
    }
    if (const std::string seen = shown(facts, {"MPJoinSynTxConnectErr"}); !seen.empty()) {
        add("endpoints",
            seen + ": no route led from an endpoint to the peer, or to an address that it announced",
            route_for_idle(facts));
    }
    if (const std::string seen = shown(facts, {"MPJoinRejected"}); !seen.empty()) {
        findings.push_back(
            {FindingCode::join_rejected,
             Severity::warning,
             "limits.subflows",
             seen + ": peers tried more subflows than this host's limit allows",
             raise_subflows(facts)});
    }
}

std::string protect_from_rewriting(const Facts& facts) {
    const std::string* enabled = find_sysctl_value(facts.host, "checksum_enabled");
    return enabled != nullptr && *enabled == "1"
               ? "mptcp-keeper connections   # checksums are on here: turn them on at these peers too, then "
                 "find what rewrites data on the way"
               : "sysctl: {checksum_enabled: true}   # on both ends, so that such data never reaches a "
                 "program; then find what rewrites it";
}

void check_middleboxes(const Facts& facts, Findings& findings) {
    const std::string rewritten = shown(
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
            {FindingCode::middlebox_rewrites,
             Severity::warning,
             "the path",
             rewritten + ": data arrived that does not fit its MPTCP mapping: something on the path rewrites "
                         "payload",
             protect_from_rewriting(facts)});
    }
    const std::string elsewhere =
        shown(facts, {"MPJoinNoTokenFound", "MPJoinSynAckHMacFailure", "MPJoinAckHMacFailure"});
    if (!elsewhere.empty()) {
        findings.push_back(
            {FindingCode::middlebox_rewrites,
             Severity::warning,
             "second subflows",
             elsewhere + ": subflows reached a host that does not know their connection: a load balancer or "
                         "NAT leads them to another one",
             propose_endpoints(facts, {EndpointFlag::signal}) +
                 "   # this host's own, so that subflows come past it"});
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
