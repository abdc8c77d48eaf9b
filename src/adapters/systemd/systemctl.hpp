// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace keeper {

/// Whether systemd is the init system: sd_booted(3).
[[nodiscard]] bool is_systemd_running();

/// Runs systemctl with these arguments; returns its output. An exit status other than 0 is an error with the
/// first line of what it printed to standard error.
[[nodiscard]] Result<std::string>
systemctl_output(std::vector<std::string> arguments, std::chrono::seconds limit);
/// The same without the output.
[[nodiscard]] Result<void> run_systemctl(std::vector<std::string> arguments, std::chrono::seconds limit);

} // namespace keeper
