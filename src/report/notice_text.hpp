// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "plan/plan.hpp"

/// The daemon's log messages.
namespace keeper {

[[nodiscard]] std::string repaired_text(const Change& change);
[[nodiscard]] std::string drifted_text(const Change& change);
[[nodiscard]] std::string applied_text(const Change& change);
[[nodiscard]] std::string failed_text(const Change& change, const std::string& reason);
/// `hash`: LoadedConfig::hash.
[[nodiscard]] std::string loaded_text(const std::string& hash, const std::vector<std::string>& files);
[[nodiscard]] std::string
backed_off_text(const Change& change, const std::string& rival, std::chrono::milliseconds pause);

} // namespace keeper
