// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "engine/rivals.hpp"
#include "model/desired_state.hpp"
#include "ports/host_port.hpp"

namespace keeper {

/// Guesses the rival from running processes and from the host's files.
class HostRivals final : public Rivals {
  public:
    explicit HostRivals(HostPort& host) : host_(host) {}

    [[nodiscard]] std::string likely_rival(const Change& change) override;
    /// Messages about files that contradict the declaration.
    [[nodiscard]] std::vector<std::string> on_disk(const DesiredState& desired);

  private:
    HostPort& host_;
};

} // namespace keeper
