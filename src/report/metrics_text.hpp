// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

#include "status/host_metrics.hpp"

namespace keeper {

/// The metrics in the text format of Prometheus (version 0.0.4), without timestamps. The names are a
/// contract; docs/manual.md lists them.
[[nodiscard]] std::string metrics_text(const HostMetrics& metrics);

/// The same as JSON: {"metrics": [{"name", "type", "help", "samples": [{"labels": {name: value},
/// "value"}]}]}.
[[nodiscard]] std::string metrics_json(const HostMetrics& metrics);

/// A label's value in the text format, with quotes: backslash, quote and line feed are escaped, and bytes
/// that are not UTF-8 are replaced.
[[nodiscard]] std::string label_value(std::string_view value);

} // namespace keeper
