#include "model/mptcp_counters.hpp"

#include <charconv>
#include <optional>
#include <vector>

namespace keeper {

namespace {

constexpr std::string_view row_name = "MPTcpExt:";

/// The words of a line behind "MPTcpExt:"; nothing for another line.
std::optional<std::vector<std::string_view>> row(std::string_view line) {
    if (!line.starts_with(row_name)) {
        return std::nullopt;
    }
    std::vector<std::string_view> words;
    std::size_t at = line.find_first_not_of(' ', row_name.size());
    while (at != std::string_view::npos) {
        const std::size_t end = std::min(line.find(' ', at), line.size());
        words.push_back(line.substr(at, end - at));
        at = line.find_first_not_of(' ', end);
    }
    return words;
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
        const std::size_t end = std::min(netstat.find('\n'), netstat.size());
        const auto words = row(netstat.substr(0, end));
        netstat.remove_prefix(std::min(end + 1, netstat.size()));
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
         "announced addresses not acted on: the limits, or no daemon for a userspace path manager"},
        {"AddAddrTx", "addresses announced to peers"},
        {"AddAddrTxDrop", "announcements not sent: no room among the TCP options"},
        {"BacklogDrop", "segments dropped: the queue of a busy socket was full"},
        {"Blackhole", "MPTCP switched off for a while: SYNs with MP_CAPABLE got lost again and again"},
        {"DSSCorruptionFallback", "connections fallen back to TCP over a broken data mapping"},
        {"DSSCorruptionReset", "subflows reset over a broken data mapping"},
        {"DSSNoMatchTCP", "data mappings that do not fit TCP's sequence numbers: a middlebox rewrites"},
        {"DSSNotMatching", "data mappings that contradict an earlier one"},
        {"DataCsumErr", "data whose checksum is wrong: a middlebox rewrites"},
        {"DssReset", "connections reset: data came without a mapping after the handshake"},
        {"DssFallback", "connections fallen back to TCP: data came without a mapping, options are stripped"},
        {"DuplicateData", "segments dropped since the data had come already"},
        {"EchoAdd", "announced addresses that peers confirmed"},
        {"EchoAddTx", "peers' announced addresses that were confirmed"},
        {"EchoAddTxDrop", "confirmations not sent: no room among the TCP options"},
        {"FallbackFailed", "fallbacks to TCP that came too late, the connection was reset"},
        {"InfiniteMapRx", "infinite mappings received: the peer fell back to TCP"},
        {"InfiniteMapTx", "infinite mappings sent: connections fallen back to TCP"},
        {"MD5SigReset", "connections reset: TCP MD5 signatures were asked for too late to fall back"},
        {"MD5SigFallback", "connections fallen back to TCP since they use TCP MD5 signatures"},
        {"MPCapableACKRX", "third packets of handshakes received with MP_CAPABLE"},
        {"MPCapableDataFallback",
         "connections fallen back to TCP: the first data came without MPTCP options"},
        {"MPCapableEndpAttempt", "connections refused that were opened to a port endpoint"},
        {"MPCapableFallbackACK", "server: connections fallen back to TCP in the handshake"},
        {"MPCapableFallbackSYNACK",
         "client: connections fallen back, the peer or the path does without MPTCP"},
        {"MPCapableSYNACKRX", "client: answers with MP_CAPABLE received"},
        {"MPCapableSYNRX", "server: SYNs with MP_CAPABLE received"},
        {"MPCapableSYNTX", "client: SYNs with MP_CAPABLE sent"},
        {"MPCapableSYNTXDisabled", "client: opened with plain TCP because of an earlier blackhole"},
        {"MPCapableSYNTXDrop", "client: SYNs with MP_CAPABLE got no answer, those without did"},
        {"MPCurrEstab", "MPTCP connections that are established now"},
        {"MPFailRx", "MP_FAIL received: the peer found a wrong checksum"},
        {"MPFailTx", "MP_FAIL sent: a checksum was wrong"},
        {"MPFallbackTokenInit", "connections fallen back to TCP since no token could be made"},
        {"MPFastcloseRx", "connections that the peer aborted"},
        {"MPFastcloseTx", "connections aborted"},
        {"MPJoinAckHMacFailure", "server: joins refused, the key is wrong: another host behind the address?"},
        {"MPJoinAckNoCtx", "server: joins refused: their handshake was not known any more"},
        {"MPJoinAckNoMPJoin",
         "server: joins refused: their last packet had no MP_JOIN, options are stripped"},
        {"MPJoinAckRx", "server: joins completed by the client"},
        {"MPJoinNoIdFound", "server: joins at an address that is no endpoint of this host"},
        {"MPJoinNotEstablished", "server: joins refused: their connection was not fully established yet"},
        {"MPJoinNoTokenFound", "joins for connections that this host does not know: a load balancer, a NAT?"},
        {"MPJoinPortAckRx", "joins at a port endpoint completed"},
        {"MPJoinPortSynAckRx", "answers to joins at a peer's port endpoint"},
        {"MPJoinPortSynRx", "joins at a port endpoint received"},
        {"MPJoinRejected", "server: joins beyond this host's subflow limit"},
        {"MPJoinSynAckBackupRx", "client: answers to joins that make the subflow a backup"},
        {"MPJoinSynAckHMacFailure", "client: answers to joins with a wrong key: another host answers?"},
        {"MPJoinSynAckNoMPJoin", "client: joins refused: the answer had no MP_JOIN, options are stripped"},
        {"MPJoinSynAckRx", "client: answers to joins received"},
        {"MPJoinSynBackupRx", "server: joins received that make the subflow a backup"},
        {"MPJoinSynRx", "server: joins received"},
        {"MPJoinSynTx", "client: joins sent"},
        {"MPJoinSynTxBindErr", "joins not sent: the endpoint's address is not on this host"},
        {"MPJoinSynTxConnectErr", "joins not sent: no route from that endpoint"},
        {"MPJoinSynTxCreatSkErr", "joins not sent: no socket to be had"},
        {"MPPrioRx", "subflows that the peer made backup, or no longer"},
        {"MPPrioTx", "subflows made backup, or no longer"},
        {"MPRstRx", "subflows that the peer reset"},
        {"MPRstTx", "subflows reset"},
        {"MPTCPRetrans", "segments sent again on another subflow"},
        {"MismatchPortAckRx", "joins at a wrong port, by their third packet"},
        {"MismatchPortSynRx", "joins at a wrong port"},
        {"NoDSSInWindow", "segments outside the connection's window"},
        {"OFOMerge", "out-of-order segments merged"},
        {"OFOPruned", "out-of-order segments dropped: the receive buffer was full"},
        {"OFOQueue", "segments that came out of order"},
        {"OFOQueueTail", "out-of-order segments put at the queue's end"},
        {"PortAdd", "addresses announced by peers with a port"},
        {"RcvPruned", "segments dropped: the receive buffer was full"},
        {"RcvWndConflict", "receive windows that had to be corrected between subflows"},
        {"RcvWndConflictUpdate", "receive windows corrected and sent again"},
        {"RcvWndShared", "receive windows taken over from another subflow"},
        {"RmAddr", "addresses that peers withdrew"},
        {"RmAddrDrop", "withdrawals not acted on"},
        {"RmAddrTx", "addresses withdrawn from peers"},
        {"RmAddrTxDrop", "withdrawals not sent"},
        {"RmSubflow", "subflows removed with their address"},
        {"SimultConnectFallback", "connections fallen back to TCP since both sides opened at once"},
        {"SndWndShared", "segments sent within a window that another subflow brought"},
        {"SubflowRecover", "stale subflows that came back"},
        {"SubflowStale", "subflows set aside because of losses"},
        {"WinProbe", "probes of a peer's closed window"},
    };
    const auto found = meanings.find(name);
    return found == meanings.end() ? std::string_view() : found->second;
}

} // namespace keeper
