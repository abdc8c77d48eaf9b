// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <ostream>
#include <string>

#include "support/config_support.hpp"

namespace keeper {

/// A file that is refused, and all that is said about it.
struct Refusal {
    const char* what;
    const char* text;
    const char* errors;
};

inline void PrintTo(const Refusal& refusal, std::ostream* out) {
    *out << refusal.what;
}

inline std::string test_name(const testing::TestParamInfo<Refusal>& info) {
    return info.param.what;
}

} // namespace keeper
