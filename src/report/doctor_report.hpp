// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "model/finding.hpp"
#include "report/style.hpp"

namespace keeper {

/// The findings as text, errors first, each with its evidence and what to paste; then the skipped checks.
[[nodiscard]] std::string doctor_text(const Diagnosis& diagnosis, Colour colour);
/// The `doctor` document; "probe" and "programs" are present only if they were requested.
[[nodiscard]] std::string doctor_json(const Diagnosis& diagnosis);
/// {"code", "explanation"}: the document of `doctor --explain`.
[[nodiscard]] std::string explanation_json(const std::string& code, const std::string& explanation);

} // namespace keeper
