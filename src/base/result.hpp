// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace keeper {

/// The kind of failure, as far as callers distinguish it.
enum class ErrorKind {
    failed,        ///< any other failure; the message says why
    not_permitted, ///< a permission is missing (EPERM, EACCES, polkit)
    unavailable,   ///< the other side does not exist: NetworkManager absent, kernel without MPTCP
    timed_out,     ///< the other side did not answer before the deadline
    unsupported,   ///< the other side is too old for this
    table_full,    ///< the kernel's endpoint table is full
    busy,          ///< another program holds what is needed (lock, endpoint id)
};

/// A failure with a message for the user: what failed, on what, why, and what to do.
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

/// Prefixes an error's message with context; done once, where the context is known.
[[nodiscard]] inline tl::unexpected<Error> fail(std::string_view context, const Error& cause) {
    return tl::unexpected<Error>(Error{cause.kind, std::string(context) + ": " + cause.message});
}

/// An existing Error, unchanged.
[[nodiscard]] inline tl::unexpected<Error> fail(Error error) {
    return tl::unexpected<Error>(std::move(error));
}

/// `return propagate(result);` in a function that returns another Result: returns the error of a failed
/// result unchanged.
template <class T, class E>
[[nodiscard]] tl::unexpected<E> propagate(const tl::expected<T, E>& failed) {
    return tl::unexpected<E>(failed.error());
}

} // namespace keeper
