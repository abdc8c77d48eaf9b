// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace keeper {

/// A part of the host's state, or the reason why it is unknown. Unknown is not empty: a caller must check
/// is_known() before it concludes anything from a missing item. or_empty() is for reports, which show what is
/// known; do not base a decision on it.
template <class T>
class Observed {
  public:
    Observed() = default;
    /// Assignable from anything that T is, including braces, like std::optional.
    template <
        class U = T,
        class =
            std::enable_if_t<std::is_constructible_v<T, U&&> && !std::is_same_v<std::decay_t<U>, Observed>>>
    Observed(U&& value) : value_(std::forward<U>(value)) {} // NOLINT(google-explicit-constructor)
    [[nodiscard]] static Observed unknown(std::string reason) {
        Observed result;
        result.reason_ = std::move(reason);
        return result;
    }

    [[nodiscard]] bool is_known() const { return value_.has_value(); }
    [[nodiscard]] explicit operator bool() const { return is_known(); }
    /// Why it is unknown, as part of a message: "cannot read the interfaces: Device or resource busy".
    [[nodiscard]] const std::string& reason() const { return reason_; }

    /// Only if it is known.
    [[nodiscard]] const T& operator*() const { return *value_; }
    [[nodiscard]] T& operator*() { return *value_; }
    [[nodiscard]] const T* operator->() const { return &*value_; }
    [[nodiscard]] T* operator->() { return &*value_; }

    [[nodiscard]] const T& or_empty() const {
        static const T empty{};
        return value_ ? *value_ : empty;
    }

    template <
        class U = T,
        class =
            std::enable_if_t<std::is_constructible_v<T, U&&> && !std::is_same_v<std::decay_t<U>, Observed>>>
    Observed& operator=(U&& value) {
        value_ = std::forward<U>(value);
        reason_.clear();
        return *this;
    }
    friend bool operator==(const Observed&, const Observed&) = default;

  private:
    std::optional<T> value_;
    std::string reason_ = "it was not read";
};

} // namespace keeper
