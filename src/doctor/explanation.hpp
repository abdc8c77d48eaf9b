// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/finding_code.hpp"

namespace keeper {

/// The documentation of a finding, for `doctor --explain` and docs/findings.md. The texts are in
/// doctor/explanations; a code without one does not compile.
struct Explanation {
    FindingCode code;
    std::string_view meaning;   ///< what it means for the user's connections
    std::string_view detection; ///< the evidence, and what the severity depends on
    std::string_view fix;       ///< what doctor proposes, and what else helps
    std::string_view example;   ///< the finding as doctor prints it, with a leading line feed
};
[[nodiscard]] const Explanation& explanation_of(FindingCode code);

/// The explanation as text of at most 80 columns; std::nullopt if there is no such code ("RP_FILTER_STRICT").
[[nodiscard]] std::optional<std::string> explanation_text(std::string_view code);

/// All codes, in alphabetical order.
[[nodiscard]] std::vector<std::string> explained_codes();

/// The whole of docs/findings.md.
[[nodiscard]] std::string findings_markdown();

} // namespace keeper
