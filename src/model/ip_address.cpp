// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/ip_address.hpp"

#include <algorithm>

#include <arpa/inet.h>

namespace keeper {

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    // inet_pton stops at a NUL: text that contains one is not an address, whatever precedes it.
    if (text.find('\0') != std::string_view::npos) {
        return std::nullopt;
    }
    const std::string copy(text);
    IpAddress address;
    if (inet_pton(AF_INET, copy.c_str(), address.bytes_.data()) == 1) {
        address.family_ = Family::ipv4;
        return address;
    }
    if (inet_pton(AF_INET6, copy.c_str(), address.bytes_.data()) == 1) {
        address.family_ = Family::ipv6;
        return address;
    }
    return std::nullopt;
}

std::optional<IpAddress> IpAddress::from_bytes(const std::uint8_t* bytes, std::size_t length) {
    if (length != 4 && length != 16) {
        return std::nullopt;
    }
    IpAddress address;
    address.family_ = length == 4 ? Family::ipv4 : Family::ipv6;
    std::copy_n(bytes, length, address.bytes_.begin());
    return address;
}

bool IpAddress::is_unspecified() const {
    return std::all_of(bytes_.begin(), bytes_.end(), [](std::uint8_t byte) { return byte == 0; });
}

bool IpAddress::is_loopback() const {
    if (family_ == Family::ipv4) {
        return bytes_[0] == 127;
    }
    return std::all_of(bytes_.begin(), bytes_.end() - 1, [](std::uint8_t byte) { return byte == 0; }) &&
           bytes_[15] == 1;
}

bool IpAddress::is_multicast() const {
    return family_ == Family::ipv4 ? (bytes_[0] & 0xf0) == 0xe0 : bytes_[0] == 0xff;
}

bool IpAddress::is_broadcast() const {
    return family_ == Family::ipv4 &&
           std::all_of(bytes_.begin(), bytes_.begin() + 4, [](std::uint8_t byte) { return byte == 0xff; });
}

bool IpAddress::is_link_local() const {
    if (family_ == Family::ipv4) {
        return bytes_[0] == 169 && bytes_[1] == 254;
    }
    return bytes_[0] == 0xfe && (bytes_[1] & 0xc0) == 0x80;
}

bool IpAddress::is_v4_mapped() const {
    return family_ == Family::ipv6 &&
           std::all_of(bytes_.begin(), bytes_.begin() + 10, [](std::uint8_t byte) { return byte == 0; }) &&
           bytes_[10] == 0xff && bytes_[11] == 0xff;
}

bool IpAddress::is_unique_local() const {
    return family_ == Family::ipv6 && (bytes_[0] & 0xfe) == 0xfc;
}

std::string to_string(const IpAddress& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const int family = address.family() == Family::ipv4 ? AF_INET : AF_INET6;
    inet_ntop(family, address.bytes().data(), text.data(), text.size());
    return text.data();
}

} // namespace keeper
