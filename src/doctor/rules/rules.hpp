#pragma once

#include <vector>

#include "model/facts.hpp"
#include "model/finding.hpp"

/// Doctor's rules by theme, each in the file of its name. A rule looks at facts and at nothing else, and says
/// nothing about a fact that is missing.
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
[[nodiscard]] Findings silent_manager(const Facts& facts);
[[nodiscard]] Findings path_managers(const Facts& facts);
[[nodiscard]] Findings firewall(const Facts& facts);
[[nodiscard]] Findings counters(const Facts& facts);
[[nodiscard]] Findings programs(const Facts& facts);
[[nodiscard]] Findings apparmor(const Facts& facts);
[[nodiscard]] Findings socket_units(const Facts& facts);
[[nodiscard]] Findings recipe(const Facts& facts);
[[nodiscard]] Findings probe(const Facts& facts);

/// Where the probed connection stopped being MPTCP, and from what it is known.
[[nodiscard]] ProbeVerdict judge(const ProbeFact& probe);

} // namespace keeper::rules
