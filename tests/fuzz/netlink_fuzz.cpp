// SPDX-License-Identifier: LGPL-2.1-or-later
// Every parser of netlink messages, fed with whole datagrams and with bare payloads.
#include <array>
#include <cstddef>
#include <cstdint>
#include <set>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>

#include "netlink/codec/events.hpp"
#include "netlink/codec/link_changes.hpp"
#include "netlink/codec/links.hpp"
#include "netlink/codec/path_manager.hpp"
#include "netlink/codec/sockets.hpp"

namespace {

using namespace keeper;
using namespace keeper::netlink;

void parse_all(const Message& message) {
    (void)parse_ack(message);
    (void)parse_family(message);
    (void)parse_limits(message);
    (void)parse_endpoint(message);
    (void)parse_link(message);
    (void)parse_address(message);
    (void)parse_default_route(message);
    (void)parse_gateway_route(message);
    (void)parse_link_kind(message);
    std::set<LinkChange> changes;
    (void)add_link_changes(message, changes);
    (void)parse_subflow_sides(message);
    (void)parse_connection(message);
    (void)parse_subflow(message);
    (void)parse_event_group(message);
    (void)parse_event(message);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    Bytes rest(bytes, size);
    while (const auto message = take_message(rest)) {
        parse_all(*message);
    }
    constexpr std::array<std::uint16_t, 9> types{
        NLMSG_ERROR,
        NLMSG_DONE,
        RTM_NEWLINK,
        RTM_DELLINK,
        RTM_NEWADDR,
        RTM_DELADDR,
        RTM_NEWROUTE,
        RTM_DELROUTE,
        SOCK_DIAG_BY_FAMILY};
    for (const std::uint16_t type : types) {
        parse_all(Message{type, NLM_F_ACK_TLVS, 1, Bytes(bytes, size)});
    }
    return 0;
}
