// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "config/config.hpp"

namespace keeper {

/// A diagnostic as it is printed, without its line: "FILE:LINE:COLUMN: message".
inline std::string printed(const Diagnostic& diagnostic) {
    const Source& source = diagnostic.source;
    return source.file + ":" + std::to_string(source.line) + ":" + std::to_string(source.column) + ": " +
           diagnostic.message;
}

inline std::vector<std::string> printed(const std::vector<Diagnostic>& diagnostics) {
    std::vector<std::string> result;
    for (const Diagnostic& diagnostic : diagnostics) {
        result.push_back(printed(diagnostic));
    }
    return result;
}

/// Parses files that are called f, g, h, … in their order.
inline LoadedConfig parse(const std::vector<std::string>& texts) {
    std::vector<ConfigText> files;
    char name = 'f';
    for (const std::string& text : texts) {
        files.push_back({std::string(1, name++), text});
    }
    return parse_config(files);
}

inline LoadedConfig parse(const std::string& text) {
    return parse(std::vector<std::string>{text});
}

/// What a valid configuration declares; an invalid one fails the test with its errors.
template <class Texts>
DesiredState declared(const Texts& texts) {
    LoadedConfig config = parse(texts);
    EXPECT_EQ(printed(config.errors), std::vector<std::string>{});
    return std::move(config.desired);
}

/// The file's errors, one a line.
template <class Texts>
std::string errors(const Texts& texts) {
    std::string result;
    for (const Diagnostic& diagnostic : parse(texts).errors) {
        result += (result.empty() ? "" : "\n") + printed(diagnostic);
    }
    return result;
}

template <class Texts>
std::string warnings(const Texts& texts) {
    std::string result;
    for (const Diagnostic& diagnostic : parse(texts).warnings) {
        result += (result.empty() ? "" : "\n") + printed(diagnostic);
    }
    return result;
}

} // namespace keeper
