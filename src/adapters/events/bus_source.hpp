// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "adapters/events/poll_source.hpp"

namespace keeper {

/// The source of NetworkManager's events.
class BusSource : public PollSource {
  public:
    /// Event::network_manager_ready follows once NetworkManager's main loop answers, or at once if
    /// NetworkManager is absent. The request is repeated after a restart of the bus.
    virtual void ping() = 0;
    [[nodiscard]] bool reports_changes() const override { return true; }
};

} // namespace keeper
