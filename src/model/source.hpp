// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <compare>
#include <string>

namespace keeper {

/// The position in a configuration file that declares a value. Line and column count from 1; 0 means the
/// whole file, or unknown.
struct Source {
    std::string file = {};
    int line = 0;
    int column = 0;

    friend auto operator<=>(const Source&, const Source&) = default;
};

/// "FILE:LINE", as in reports; only the file if the line is unknown, "" if both are.
[[nodiscard]] std::string to_string(const Source& source);

/// A value and the place that declares it.
template <class T>
struct Declared {
    T value{};
    Source source;

    friend bool operator==(const Declared&, const Declared&) = default;
};

} // namespace keeper
