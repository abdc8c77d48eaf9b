// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <utility>

#include <CLI/CLI.hpp>

#include "base/result.hpp"

namespace keeper::cli {

/// For the functions by which CLI11 reads options: an Error becomes the usage error "OPTION: MESSAGE".
template <class T>
[[nodiscard]] T valid_value(const std::string& option, Result<T> value) {
    if (!value) {
        throw CLI::ValidationError(option, value.error().message);
    }
    return *std::move(value);
}

} // namespace keeper::cli
