#pragma once

#include <compare>
#include <string>

namespace keeper {

/// The place in a configuration file that declares a value. Line and column count from 1; 0 means that the
/// place is a whole file or unknown.
struct Source {
    std::string file;
    int line = 0;
    int column = 0;

    friend auto operator<=>(const Source&, const Source&) = default;
};

/// "FILE:LINE", the form of the reports; the bare file where the line is unknown, "" where nothing is known.
[[nodiscard]] std::string to_string(const Source& source);

/// A value together with the place that declares it.
template <class T>
struct Declared {
    T value{};
    Source source;

    friend bool operator==(const Declared&, const Declared&) = default;
};

} // namespace keeper
