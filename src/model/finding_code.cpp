// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/finding_code.hpp"

#include <algorithm>

namespace keeper {

namespace {

constexpr std::array<std::string_view, finding_codes.size()> code_names{
#define KEEPER_NAME(code, name) name,
    KEEPER_FINDING_CODES(KEEPER_NAME)
#undef KEEPER_NAME
};

} // namespace

std::string_view to_string(FindingCode code) {
    return code_names[static_cast<std::size_t>(code)];
}

std::optional<FindingCode> parse_finding_code(std::string_view name) {
    const auto found = std::find(code_names.begin(), code_names.end(), name);
    return found == code_names.end()
               ? std::nullopt
               : std::optional(finding_codes[static_cast<std::size_t>(found - code_names.begin())]);
}

} // namespace keeper
