#pragma once

#include <vector>

#include "plan/plan.hpp"

namespace keeper {

/// The changes that take these back, last one first. An endpoint that comes back asks for the id that it had.
[[nodiscard]] std::vector<Change> inverse_of(const std::vector<Change>& changes);

} // namespace keeper
