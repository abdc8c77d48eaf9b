#pragma once

#include "model/facts.hpp"
#include "model/finding.hpp"

namespace keeper {

/// All of doctor's rules over what was gathered. Pure.
[[nodiscard]] Diagnosis diagnose(const Facts& facts);

} // namespace keeper
