// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/mptcp_counters.hpp"

#include <charconv>
#include <optional>
#include <vector>

#include "base/text/lines.hpp"

namespace keeper {

namespace {

constexpr std::string_view row_name = "MPTcpExt:";

/// The words of a line after "MPTcpExt:"; std::nullopt for any other line.
std::optional<std::vector<std::string_view>> row(std::string_view line) {
    if (!line.starts_with(row_name)) {
        return std::nullopt;
    }
    return words_of(line.substr(row_name.size()));
}

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

MptcpCounters
pair_up(const std::vector<std::string_view>& names, const std::vector<std::string_view>& values) {
    MptcpCounters counters;
    if (names.size() != values.size()) {
        return counters;
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (const auto value = number(values[i])) {
            counters[std::string(names[i])] = *value;
        }
    }
    return counters;
}

} // namespace

MptcpCounters parse_mptcp_counters(std::string_view netstat) {
    std::optional<std::vector<std::string_view>> names;
    while (!netstat.empty()) {
        const auto words = row(take_line(netstat));
        if (words && names) {
            return pair_up(*names, *words);
        }
        if (words) {
            names = words;
        }
    }
    return {};
}

std::uint64_t counter(const MptcpCounters& counters, const std::string& name) {
    const auto found = counters.find(name);
    return found == counters.end() ? 0 : found->second;
}

MptcpCounters non_zero(const MptcpCounters& counters) {
    return growth({}, counters);
}

MptcpCounters growth(const MptcpCounters& before, const MptcpCounters& after) {
    MptcpCounters grown;
    for (const auto& [name, value] : after) {
        const std::uint64_t earlier = counter(before, name);
        if (value > earlier) {
            grown[name] = value - earlier;
        }
    }
    return grown;
}

std::string_view meaning_of_counter(std::string_view name) {
    static const std::map<std::string_view, std::string_view> meanings{
        {"AddAddr", "addresses that peers announced"},
        {"AddAddrDrop",
         "announced addresses ignored: limit reached, or no daemon serves the userspace path manager"},
        {"AddAddrTx", "addresses announced to peers"},
        {"AddAddrTxDrop", "announcements not sent: no room for the option in the TCP header"},
        {"BacklogDrop", "segments dropped: the backlog of a busy socket was full"},
        {"Blackhole", "MPTCP disabled temporarily: SYNs with MP_CAPABLE were lost repeatedly"},
        {"DSSCorruptionFallback", "connections that fell back to TCP: invalid data mapping"},
        {"DSSCorruptionReset", "subflows reset: invalid data mapping"},
        {"DSSNoMatchTCP",
         "data mappings that do not match the TCP sequence numbers: a middlebox rewrites data"},
        {"DSSNotMatching", "data mappings that contradict an earlier one"},
        {"DataCsumErr", "data with a wrong checksum: a middlebox rewrites data"},
        {"DssReset", "connections reset: data without a mapping after the handshake"},
        {"DssFallback",
         "connections that fell back to TCP: data without a mapping, MPTCP options are removed"},
        {"DuplicateData", "segments dropped: data already received"},
        {"EchoAdd", "announced addresses that peers confirmed"},
        {"EchoAddTx", "addresses of peers that this host confirmed"},
        {"EchoAddTxDrop", "confirmations not sent: no room for the option in the TCP header"},
        {"FallbackFailed", "connections reset: too late to fall back to TCP"},
        {"InfiniteMapRx", "infinite mappings received: the peer fell back to TCP"},
        {"InfiniteMapTx", "infinite mappings sent: connections that fell back to TCP"},
        {"MD5SigReset", "connections reset: TCP MD5 signatures requested too late to fall back"},
        {"MD5SigFallback", "connections that fell back to TCP: they use TCP MD5 signatures"},
        {"MPCapableACKRX", "server: third packets of the handshake received with MP_CAPABLE"},
        {"MPCapableDataFallback", "connections that fell back to TCP: first data without MPTCP options"},
        {"MPCapableEndpAttempt", "connections refused: opened to an endpoint with a port"},
        {"MPCapableFallbackACK", "server: connections that fell back to TCP in the handshake"},
        {"MPCapableFallbackSYNACK",
         "client: connections that fell back to TCP: no MPTCP at the peer or on the path"},
        {"MPCapableSYNACKRX", "client: answers received with MP_CAPABLE"},
        {"MPCapableSYNRX", "server: SYNs received with MP_CAPABLE"},
        {"MPCapableSYNTX", "client: SYNs sent with MP_CAPABLE"},
        {"MPCapableSYNTXDisabled", "client: connections opened with plain TCP: blackhole detected earlier"},
        {"MPCapableSYNTXDrop", "client: SYNs with MP_CAPABLE unanswered; retried without it"},
        {"MPCurrEstab", "MPTCP connections established now"},
        {"MPFailRx", "MP_FAIL received: the peer found a wrong checksum"},
        {"MPFailTx", "MP_FAIL sent: wrong checksum received"},
        {"MPFallbackTokenInit", "connections that fell back to TCP: no token available"},
        {"MPFastcloseRx", "connections aborted by the peer"},
        {"MPFastcloseTx", "connections aborted by this host"},
        {"MPJoinAckHMacFailure",
         "server: joins refused: wrong key; possibly another host behind the address"},
        {"MPJoinAckNoCtx", "server: joins refused: handshake no longer known"},
        {"MPJoinAckNoMPJoin",
         "server: joins refused: last packet without MP_JOIN, MPTCP options are removed"},
        {"MPJoinAckRx", "server: joins completed"},
        {"MPJoinNoIdFound", "server: joins to an address that is not an endpoint of this host"},
        {"MPJoinNotEstablished", "server: joins refused: connection not fully established yet"},
        {"MPJoinNoTokenFound", "joins to unknown connections; possibly due to a load balancer or NAT"},
        {"MPJoinPortAckRx", "joins to an endpoint with a port: completed"},
        {"MPJoinPortSynAckRx", "joins to a peer's endpoint with a port: answered"},
        {"MPJoinPortSynRx", "joins to an endpoint with a port: received"},
        {"MPJoinRejected", "server: joins refused: subflow limit of this host reached"},
        {"MPJoinSynAckBackupRx", "client: answers to joins that mark the subflow as backup"},
        {"MPJoinSynAckHMacFailure", "client: answers to joins with a wrong key; possibly from another host"},
        {"MPJoinSynAckNoMPJoin", "client: joins refused: answer without MP_JOIN, MPTCP options are removed"},
        {"MPJoinSynAckRx", "client: answers to joins received"},
        {"MPJoinSynBackupRx", "server: joins received that mark the subflow as backup"},
        {"MPJoinSynRx", "server: joins received"},
        {"MPJoinSynTx", "client: joins sent"},
        {"MPJoinSynTxBindErr", "joins not sent: endpoint address not on this host"},
        {"MPJoinSynTxConnectErr", "joins not sent: no route from the endpoint"},
        {"MPJoinSynTxCreatSkErr", "joins not sent: cannot create a socket"},
        {"MPPrioRx", "changes of a subflow's backup flag by the peer"},
        {"MPPrioTx", "changes of a subflow's backup flag by this host"},
        {"MPRstRx", "subflows reset by the peer"},
        {"MPRstTx", "subflows reset by this host"},
        {"MPTCPRetrans", "segments retransmitted on another subflow"},
        {"MismatchPortAckRx", "joins to a wrong port: third packets"},
        {"MismatchPortSynRx", "joins to a wrong port: SYNs"},
        {"NoDSSInWindow", "segments outside the connection's receive window"},
        {"OFOMerge", "out-of-order segments merged"},
        {"OFOPruned", "out-of-order segments dropped: receive buffer full"},
        {"OFOQueue", "segments received out of order"},
        {"OFOQueueTail", "out-of-order segments appended to the queue"},
        {"PortAdd", "addresses that peers announced with a port"},
        {"RcvPruned", "segments dropped: receive buffer full"},
        {"RcvWndConflict", "receive windows in conflict between subflows"},
        {"RcvWndConflictUpdate", "receive windows corrected after a conflict"},
        {"RcvWndShared", "receive windows taken over from another subflow"},
        {"RmAddr", "addresses that peers withdrew"},
        {"RmAddrDrop", "withdrawals ignored"},
        {"RmAddrTx", "addresses withdrawn from peers"},
        {"RmAddrTxDrop", "withdrawals not sent"},
        {"RmSubflow", "subflows removed together with their address"},
        {"SimultConnectFallback", "connections that fell back to TCP: both sides connected at once"},
        {"SndWndShared", "segments sent in a window that another subflow opened"},
        {"SubflowRecover", "stale subflows that recovered"},
        {"SubflowStale", "subflows marked stale after losses"},
        {"WinProbe", "probes of a peer's closed window"},
    };
    const auto found = meanings.find(name);
    return found == meanings.end() ? std::string_view() : found->second;
}

} // namespace keeper
