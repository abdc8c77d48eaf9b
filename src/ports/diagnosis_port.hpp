// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "model/facts.hpp"

namespace keeper {

/// What doctor checks in addition to the host.
struct DiagnosisRequest {
    std::optional<std::int64_t> pid;
    std::string unit;   ///< a systemd unit, or empty
    std::string target; ///< HOST:PORT to probe, or empty
};

/// The facts for doctor that no other port provides. Read-only.
class DiagnosisPort {
  public:
    virtual ~DiagnosisPort() = default;
    /// Fills in the facts, and an entry of facts.skipped for each that cannot be read. facts.host,
    /// facts.desired and facts.counters are already set. Fails only if the requested process or unit does not
    /// exist.
    [[nodiscard]] virtual Result<void> gather(const DiagnosisRequest& request, Facts& facts) = 0;
};

} // namespace keeper
