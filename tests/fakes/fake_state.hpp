// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>

#include "fakes/failure_injection.hpp"
#include "ports/state_port.hpp"

namespace keeper::fake {

/// The keeper's record in memory. A save is recorded as the write "save".
class FakeState : public StatePort, public FailureInjection {
  public:
    Ownership saved;
    int loads = 0;
    std::optional<Error> load_failure; ///< if set, load() fails with it

    FakeState() { saved.boot_id = "00000000-0000-0000-0000-000000000001"; }

    [[nodiscard]] Result<Ownership> load() override {
        ++loads;
        if (load_failure) {
            return tl::unexpected<Error>(*load_failure);
        }
        return saved;
    }

    [[nodiscard]] Result<void> save(const Ownership& ownership) override {
        if (auto allowed = record("save"); !allowed) {
            return allowed;
        }
        saved = ownership;
        return {};
    }
};

} // namespace keeper::fake
