// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <type_traits>

namespace keeper::netlink {

using Bytes = std::span<const std::uint8_t>;

/// The plain structure at the front of the bytes; std::nullopt if they are too short. Copies, since netlink
/// aligns to 4 bytes only.
template <class T>
[[nodiscard]] std::optional<T> read_front(Bytes bytes) {
    static_assert(std::is_trivially_copyable_v<T>);
    if (bytes.size() < sizeof(T)) {
        return std::nullopt;
    }
    T value;
    std::memcpy(&value, bytes.data(), sizeof(T));
    return value;
}

/// The bytes after a header of that size and its padding; may be empty.
[[nodiscard]] Bytes after(Bytes bytes, std::size_t header_size);

/// One netlink message. Borrows the receive buffer.
struct Message {
    std::uint16_t type = 0;
    std::uint16_t flags = 0;
    std::uint32_t sequence = 0;
    Bytes payload; ///< after the nlmsghdr
};

/// Removes the first message from the bytes and returns it; std::nullopt at their end, or if the length is
/// invalid, in which case the rest cannot be read.
[[nodiscard]] std::optional<Message> take_message(Bytes& rest);

/// One attribute. Borrows the message.
struct Attribute {
    std::uint16_t type = 0; ///< without the bits for nesting and byte order
    Bytes payload;

    /// The payload as a number in host byte order; std::nullopt if it is too short.
    [[nodiscard]] std::optional<std::uint8_t> u8() const { return read_front<std::uint8_t>(payload); }
    [[nodiscard]] std::optional<std::uint16_t> u16() const { return read_front<std::uint16_t>(payload); }
    [[nodiscard]] std::optional<std::uint32_t> u32() const { return read_front<std::uint32_t>(payload); }
    /// The payload as text up to its NUL.
    [[nodiscard]] std::string text() const;
};

/// Removes the first attribute from the bytes and returns it; same rules as take_message().
[[nodiscard]] std::optional<Attribute> take_attribute(Bytes& rest);

/// Calls visit(Attribute) for each attribute; stops at the first with an invalid length. Returns whether it
/// visited all of them.
template <class Visit>
bool for_each_attribute(Bytes attributes, Visit visit) {
    while (const auto attribute = take_attribute(attributes)) {
        visit(*attribute);
    }
    return attributes.empty();
}

/// The result of a request, from NLMSG_ERROR or NLMSG_DONE.
struct Ack {
    int error = 0;       ///< an errno, positive; 0 for success
    std::string message; ///< the kernel's explanation (extended ack), often empty
    friend bool operator==(const Ack&, const Ack&) = default;
};

/// std::nullopt for a message of another type. A message that is too short for an error counts as EBADMSG.
[[nodiscard]] std::optional<Ack> parse_ack(const Message& message);

} // namespace keeper::netlink
