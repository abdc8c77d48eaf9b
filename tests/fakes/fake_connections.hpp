// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <vector>

#include "ports/connection_port.hpp"

namespace keeper::fake {

/// Live connections that a test sets.
class FakeConnections : public ConnectionPort {
  public:
    std::vector<Connection> present;
    std::optional<Error> failure; ///< if set, connections() fails with it
    int reads = 0;

    [[nodiscard]] Result<std::vector<Connection>> connections() override {
        ++reads;
        if (failure) {
            return tl::unexpected<Error>(*failure);
        }
        return present;
    }
};

} // namespace keeper::fake
