// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "ports/diagnosis_port.hpp"

namespace keeper {

/// Gathers facts about the running host: /proc, rtnetlink lookups, unit and sysctl files, the firewall's own
/// tools, and one connection for a probe. Opens nothing before the first call; not thread-safe.
class HostDiagnosis final : public DiagnosisPort {
  public:
    [[nodiscard]] Result<void> gather(const DiagnosisRequest& request, Facts& facts) override;
};

} // namespace keeper
