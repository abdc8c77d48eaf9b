// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>
#include <vector>

#include "netlink/codec/message.hpp"

namespace keeper::netlink {

/// Builds one netlink request.
class Request {
  public:
    /// NLM_F_REQUEST is added to the flags.
    Request(std::uint16_t type, std::uint16_t flags);

    /// The header of the protocol, right after the nlmsghdr.
    template <class Header>
    Request& header(const Header& value) {
        static_assert(std::is_trivially_copyable_v<Header>);
        append(&value, sizeof(value));
        return *this;
    }
    Request& attribute(std::uint16_t type, Bytes payload);
    Request& u8(std::uint16_t type, std::uint8_t value);
    Request& u16(std::uint16_t type, std::uint16_t value);
    Request& u32(std::uint16_t type, std::uint32_t value);
    Request& text(std::uint16_t type, std::string_view value); ///< with its NUL
    /// Opens a nest; end_nest closes the innermost.
    Request& begin_nest(std::uint16_t type);
    Request& end_nest();

    /// The message, with its length and this sequence number set.
    [[nodiscard]] Bytes finish(std::uint32_t sequence);
    [[nodiscard]] std::uint16_t flags() const { return flags_; }
    /// Adds flags such as NLM_F_ACK.
    void add_flags(std::uint16_t flags) { flags_ = static_cast<std::uint16_t>(flags_ | flags); }

  private:
    void append(const void* bytes, std::size_t size);

    std::uint16_t type_;
    std::uint16_t flags_;
    std::vector<std::uint8_t> bytes_;
    std::vector<std::size_t> nests_; ///< offsets of the open nests
};

} // namespace keeper::netlink
