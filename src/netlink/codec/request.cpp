// SPDX-License-Identifier: LGPL-2.1-or-later
#include "netlink/codec/request.hpp"

#include <cstring>
#include <string>

#include <linux/netlink.h>

namespace keeper::netlink {

Request::Request(std::uint16_t type, std::uint16_t flags)
    : type_(type), flags_(static_cast<std::uint16_t>(flags | NLM_F_REQUEST)), bytes_(sizeof(nlmsghdr)) {
    bytes_.reserve(128);
}

void Request::append(const void* bytes, std::size_t size) {
    const auto* first = static_cast<const std::uint8_t*>(bytes);
    bytes_.insert(bytes_.end(), first, first + size);
    bytes_.resize(NLMSG_ALIGN(bytes_.size()));
}

Request& Request::attribute(std::uint16_t type, Bytes payload) {
    const nlattr header{static_cast<std::uint16_t>(sizeof(nlattr) + payload.size()), type};
    append(&header, sizeof(header));
    append(payload.data(), payload.size());
    return *this;
}

Request& Request::u8(std::uint16_t type, std::uint8_t value) {
    return attribute(type, {&value, 1});
}

Request& Request::u16(std::uint16_t type, std::uint16_t value) {
    return attribute(type, {reinterpret_cast<const std::uint8_t*>(&value), sizeof(value)});
}

Request& Request::u32(std::uint16_t type, std::uint32_t value) {
    return attribute(type, {reinterpret_cast<const std::uint8_t*>(&value), sizeof(value)});
}

Request& Request::text(std::uint16_t type, std::string_view value) {
    const std::string terminated(value);
    return attribute(
        type, {reinterpret_cast<const std::uint8_t*>(terminated.c_str()), terminated.size() + 1});
}

Request& Request::begin_nest(std::uint16_t type) {
    nests_.push_back(bytes_.size());
    return attribute(static_cast<std::uint16_t>(type | NLA_F_NESTED), {});
}

Request& Request::end_nest() {
    const std::size_t start = nests_.back();
    nests_.pop_back();
    const auto length = static_cast<std::uint16_t>(bytes_.size() - start);
    std::memcpy(bytes_.data() + start, &length, sizeof(length));
    return *this;
}

Bytes Request::finish(std::uint32_t sequence) {
    nlmsghdr header{};
    header.nlmsg_len = static_cast<std::uint32_t>(bytes_.size());
    header.nlmsg_type = type_;
    header.nlmsg_flags = flags_;
    header.nlmsg_seq = sequence;
    std::memcpy(bytes_.data(), &header, sizeof(header));
    return bytes_;
}

} // namespace keeper::netlink
