#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "model/facts.hpp"

namespace keeper {

/// What doctor was asked to look at besides the host.
struct DiagnosisRequest {
    std::optional<std::int64_t> pid;
    std::string unit;   ///< a systemd unit, or empty
    std::string target; ///< HOST:PORT to be probed, or empty
};

/// Everything that doctor looks at and no other port shows. Reading only: nothing of the host changes.
class DiagnosisPort {
  public:
    virtual ~DiagnosisPort() = default;
    /// Fills in what can be seen, and a line of facts.skipped for what cannot. facts.host, facts.desired and
    /// facts.counters are there already. An Error only where what was asked for by name is not there: no
    /// such process, no such unit.
    [[nodiscard]] virtual Result<void> gather(const DiagnosisRequest& request, Facts& facts) = 0;
};

} // namespace keeper
