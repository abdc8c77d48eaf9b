// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/facts.hpp"
#include "model/finding.hpp"

namespace keeper {

/// Where the probed connection stopped being MPTCP, and the evidence for that.
[[nodiscard]] ProbeVerdict evaluate_probe(const ProbeFact& probe);

/// Whether the kernel opened the connection with plain TCP because it had detected a blackhole.
[[nodiscard]] bool skipped_mptcp_after_blackhole(const ProbeFact& probe);

} // namespace keeper
