// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "config/config.hpp"
#include "report/style.hpp"

namespace keeper {

/// The merged configuration as equivalent YAML, with the "FILE:LINE" of every value in a comment.
[[nodiscard]] std::string config_text(const LoadedConfig& config, Colour colour);

/// The merged configuration: {"files", "sysctl": {name: {"value","source"}}, "limits": {same},
/// "profiles": [{"match","except","mptcp_flags","activation","source"}],
/// "endpoints": [{"address","port","interface","flags","id","state","source"}],
/// "applications": {"units": [{"unit","source"}], "never": same, "all", "slices": [{"slice","source"}]},
/// "metrics": {"textfile": {"value","source"}, "counters": same}, "reconcile": {"mode": {"value","source"},
/// "interval_ms": {"value","source"}}}. A default value has the source null.
[[nodiscard]] std::string config_json(const LoadedConfig& config);

} // namespace keeper
