// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "model/facts.hpp"
#include "model/finding.hpp"

/// Doctor's rules by topic, each in the file of its name. A rule evaluates the facts and nothing else, and
/// draws no conclusion from a missing fact.
namespace keeper::rules {

using Findings = std::vector<Finding>;

[[nodiscard]] Findings kernel(const Facts& facts);
[[nodiscard]] Findings limits(const Facts& facts);
[[nodiscard]] Findings endpoints(const Facts& facts);
[[nodiscard]] Findings endpoint_table(const Facts& facts);
[[nodiscard]] Findings roles(const Facts& facts);
[[nodiscard]] Findings initial_address(const Facts& facts);
[[nodiscard]] Findings announcements(const Facts& facts);
[[nodiscard]] Findings tunnels(const Facts& facts);
[[nodiscard]] Findings backup(const Facts& facts);
[[nodiscard]] Findings routes(const Facts& facts);
[[nodiscard]] Findings network_manager(const Facts& facts);
[[nodiscard]] Findings profile_endpoints(const Facts& facts);
[[nodiscard]] Findings path_managers(const Facts& facts);
[[nodiscard]] Findings firewall(const Facts& facts);
[[nodiscard]] Findings counters(const Facts& facts);
[[nodiscard]] Findings programs(const Facts& facts);
[[nodiscard]] Findings apparmor(const Facts& facts);
[[nodiscard]] Findings socket_units(const Facts& facts);
[[nodiscard]] Findings leftovers(const Facts& facts);
[[nodiscard]] Findings probe(const Facts& facts);

} // namespace keeper::rules
