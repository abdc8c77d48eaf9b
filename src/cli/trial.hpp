// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "cli/environment.hpp"
#include "engine/trial.hpp"

/// What the commands try, confirm and revert have in common.
namespace keeper::cli {

[[nodiscard]] Trial make_trial(Environment& env);

/// Prints what the confirmed try needs to survive, as a warning: a candidate that is not installed is lost
/// at the next apply, reload or restart.
void warn_of_missing_installation(const PendingTry& confirmed, Environment& env);

} // namespace keeper::cli
