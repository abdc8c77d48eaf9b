#pragma once

#include <vector>

#include "config/config.hpp"
#include "config/diagnostics.hpp"

namespace keeper {

/// Warnings about a valid declaration that hardly does what its author wants: values that work against each
/// other, or need what not every kernel has.
[[nodiscard]] std::vector<Diagnostic>
doubts(const DesiredState& desired, const std::vector<ConfigSource>& files);

} // namespace keeper
