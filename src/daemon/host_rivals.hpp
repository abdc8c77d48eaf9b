#pragma once

#include <string>
#include <vector>

#include "engine/rivals.hpp"
#include "model/desired_state.hpp"
#include "ports/host_port.hpp"

namespace keeper {

/// Guesses by what runs on the host and what its files say.
class HostRivals final : public Rivals {
  public:
    explicit HostRivals(HostPort& host) : host_(host) {}

    [[nodiscard]] std::string likely_rival(const Change& change) override;
    /// Sentences about files that set something else than is declared.
    [[nodiscard]] std::vector<std::string> on_disk(const DesiredState& desired);

  private:
    HostPort& host_;
};

} // namespace keeper
