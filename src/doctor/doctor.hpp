// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/facts.hpp"
#include "model/finding.hpp"

namespace keeper {

/// Applies all of doctor's rules to the facts. Pure.
[[nodiscard]] Diagnosis diagnose(const Facts& facts);

} // namespace keeper
