// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "plan/change.hpp"

namespace keeper {

/// The changes that revert these, in reverse order. A restored endpoint requests the id that it had.
[[nodiscard]] std::vector<Change> inverse_of(const std::vector<Change>& changes);

} // namespace keeper
