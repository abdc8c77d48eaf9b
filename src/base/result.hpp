#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace keeper {

/// What kind of failure an Error is, as far as a caller may have to act on it.
enum class ErrorKind {
    failed,        ///< it did not work; the message says why
    not_permitted, ///< a right is missing (EPERM, EACCES, polkit)
    unavailable,   ///< the other side is not there: NetworkManager absent, kernel without MPTCP
    timed_out,     ///< the other side is there and did not answer before the deadline
    unsupported,   ///< the other side is too old for this
    table_full,    ///< the kernel's endpoint table has no room
    busy,          ///< somebody else holds what is needed (lock, endpoint id)
};

/// A failure with everything that a person needs: what failed, on what, why, and what to try.
struct Error {
    ErrorKind kind = ErrorKind::failed;
    std::string message;

    friend bool operator==(const Error&, const Error&) = default;
};

template <class T>
using Result = tl::expected<T, Error>;

/// `return fail("...")` in a function that returns Result<T>.
[[nodiscard]] inline tl::unexpected<Error> fail(std::string message) {
    return tl::unexpected<Error>(Error{ErrorKind::failed, std::move(message)});
}

[[nodiscard]] inline tl::unexpected<Error> fail(ErrorKind kind, std::string message) {
    return tl::unexpected<Error>(Error{kind, std::move(message)});
}

/// Puts context in front of an error's message, once, where the context is known.
[[nodiscard]] inline tl::unexpected<Error> fail(std::string_view context, const Error& cause) {
    return tl::unexpected<Error>(Error{cause.kind, std::string(context) + ": " + cause.message});
}

} // namespace keeper
