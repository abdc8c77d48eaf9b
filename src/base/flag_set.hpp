// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <initializer_list>

namespace keeper {

/// A set of the bits of an enum class whose enumerators are single bits. A plain value: compares, copies,
/// prints as its raw bits. Bits without an enumerator are kept, so that nothing observed is lost.
template <class Bit>
class FlagSet {
  public:
    constexpr FlagSet() = default;
    constexpr FlagSet(std::initializer_list<Bit> bits) {
        for (const Bit bit : bits) {
            raw_ |= static_cast<std::uint32_t>(bit);
        }
    }
    [[nodiscard]] static constexpr FlagSet from_raw(std::uint32_t raw) {
        FlagSet set;
        set.raw_ = raw;
        return set;
    }

    [[nodiscard]] constexpr std::uint32_t raw() const { return raw_; }
    [[nodiscard]] constexpr bool empty() const { return raw_ == 0; }
    [[nodiscard]] constexpr bool has(Bit bit) const { return (raw_ & static_cast<std::uint32_t>(bit)) != 0; }
    [[nodiscard]] constexpr FlagSet with(Bit bit) const {
        return from_raw(raw_ | static_cast<std::uint32_t>(bit));
    }
    [[nodiscard]] constexpr FlagSet without(Bit bit) const {
        return from_raw(raw_ & ~static_cast<std::uint32_t>(bit));
    }
    [[nodiscard]] constexpr FlagSet operator&(FlagSet other) const { return from_raw(raw_ & other.raw_); }
    [[nodiscard]] constexpr FlagSet operator|(FlagSet other) const { return from_raw(raw_ | other.raw_); }
    /// The bits that are in exactly one of the two.
    [[nodiscard]] constexpr FlagSet operator^(FlagSet other) const { return from_raw(raw_ ^ other.raw_); }

    friend constexpr bool operator==(const FlagSet&, const FlagSet&) = default;

  private:
    std::uint32_t raw_ = 0;
};

} // namespace keeper
