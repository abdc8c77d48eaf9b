// SPDX-License-Identifier: LGPL-2.1-or-later
#include "netlink/codec/message.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>

#include <linux/netlink.h>

namespace keeper::netlink {

namespace {

constexpr std::size_t aligned(std::size_t size) {
    return (size + 3) & ~std::size_t{3};
}

} // namespace

Bytes after(Bytes bytes, std::size_t header_size) {
    return bytes.subspan(std::min(aligned(header_size), bytes.size()));
}

std::optional<Message> take_message(Bytes& rest) {
    const auto header = read_front<nlmsghdr>(rest);
    if (!header || header->nlmsg_len < sizeof(nlmsghdr) || header->nlmsg_len > rest.size()) {
        return std::nullopt;
    }
    const Bytes whole = rest.first(header->nlmsg_len);
    rest = after(rest, header->nlmsg_len);
    return Message{
        .type = header->nlmsg_type,
        .flags = header->nlmsg_flags,
        .sequence = header->nlmsg_seq,
        .payload = after(whole, sizeof(nlmsghdr))};
}

std::string Attribute::text() const {
    const auto end = std::find(payload.begin(), payload.end(), std::uint8_t{0});
    return {payload.begin(), end};
}

std::optional<Attribute> take_attribute(Bytes& rest) {
    const auto header = read_front<nlattr>(rest);
    if (!header || header->nla_len < sizeof(nlattr) || header->nla_len > rest.size()) {
        return std::nullopt;
    }
    const Bytes whole = rest.first(header->nla_len);
    rest = after(rest, header->nla_len);
    return Attribute{
        static_cast<std::uint16_t>(header->nla_type & NLA_TYPE_MASK), after(whole, sizeof(nlattr))};
}

std::optional<Ack> parse_ack(const Message& message) {
    if (message.type != NLMSG_ERROR && message.type != NLMSG_DONE) {
        return std::nullopt;
    }
    const auto code = read_front<std::int32_t>(message.payload);
    if (!code || *code > 0 || *code == INT_MIN) {
        // A dump may end without a code; everything else has one.
        const bool is_bare_end = message.type == NLMSG_DONE && message.payload.empty();
        const bool is_count = message.type == NLMSG_DONE && code && *code > 0;
        return Ack{is_bare_end || is_count ? 0 : EBADMSG, {}};
    }
    Ack ack{-*code, {}};
    if ((message.flags & NLM_F_ACK_TLVS) == 0) {
        return ack;
    }
    Bytes attributes = after(message.payload, sizeof(std::int32_t));
    if (message.type == NLMSG_ERROR) {
        const auto request = read_front<nlmsghdr>(attributes);
        if (!request) {
            return ack;
        }
        const bool is_capped = (message.flags & NLM_F_CAPPED) != 0;
        attributes = after(attributes, is_capped ? sizeof(nlmsghdr) : request->nlmsg_len);
    }
    for_each_attribute(attributes, [&](const Attribute& attribute) {
        if (attribute.type == NLMSGERR_ATTR_MSG) {
            ack.message = attribute.text();
        }
    });
    return ack;
}

} // namespace keeper::netlink
