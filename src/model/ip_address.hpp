// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace keeper {

enum class Family { ipv4, ipv6 };

/// An IPv4 or IPv6 address. Canonical: different spellings of an address are equal and print the same.
class IpAddress {
  public:
    IpAddress() = default;

    /// Parses dotted decimal or RFC 4291 text, without prefix length or zone; std::nullopt for any other
    /// text.
    [[nodiscard]] static std::optional<IpAddress> parse(std::string_view text);
    /// From 4 or 16 bytes in network order; std::nullopt for any other length.
    [[nodiscard]] static std::optional<IpAddress> from_bytes(const std::uint8_t* bytes, std::size_t length);

    [[nodiscard]] Family family() const { return family_; }
    /// In network order; IPv4 uses the first four bytes, and the others are 0.
    [[nodiscard]] const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }

    [[nodiscard]] bool is_unspecified() const;
    [[nodiscard]] bool is_loopback() const;
    [[nodiscard]] bool is_multicast() const;
    /// 255.255.255.255.
    [[nodiscard]] bool is_broadcast() const;
    /// 169.254.0.0/16 or fe80::/10.
    [[nodiscard]] bool is_link_local() const;
    /// ::ffff:0:0/96.
    [[nodiscard]] bool is_v4_mapped() const;
    /// fc00::/7, RFC 4193.
    [[nodiscard]] bool is_unique_local() const;

    friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

  private:
    Family family_ = Family::ipv4;
    std::array<std::uint8_t, 16> bytes_{};
};

[[nodiscard]] std::string to_string(const IpAddress& address);

} // namespace keeper
