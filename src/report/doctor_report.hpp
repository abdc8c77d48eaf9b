#pragma once

#include <string>

#include "model/finding.hpp"
#include "report/style.hpp"

namespace keeper {

/// The findings for people: errors first, what was seen behind each, what to paste, and what was skipped.
[[nodiscard]] std::string doctor_text(const Diagnosis& diagnosis, Colour colour);
/// The contract's document; "probe" and "programs" are there only where they were asked for.
[[nodiscard]] std::string doctor_json(const Diagnosis& diagnosis);

} // namespace keeper
