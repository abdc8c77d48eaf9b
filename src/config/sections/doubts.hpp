// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "config/config.hpp"
#include "config/diagnostics.hpp"

namespace keeper {

/// Warnings about a valid configuration that probably does not do what its author wants: values that work
/// against each other, or that depend on the kernel.
[[nodiscard]] std::vector<Diagnostic>
doubts(const DesiredState& desired, const std::vector<ConfigSource>& files);

} // namespace keeper
