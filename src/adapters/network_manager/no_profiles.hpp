// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "ports/profile_port.hpp"

namespace keeper {

/// NetworkManager in a network namespace other than its own: it counts as not running. Over the system bus it
/// would answer, but about the devices of another namespace.
class NoProfiles final : public ProfilePort {
  public:
    [[nodiscard]] Result<NetworkManagerState> snapshot() override { return refusal(); }
    [[nodiscard]] Result<NetworkManagerState> refresh(const std::set<Ifindex>&) override { return refusal(); }
    [[nodiscard]] std::vector<Result<void>> store(const std::vector<StoreRequest>& requests) override {
        return std::vector<Result<void>>(requests.size(), refusal());
    }
    [[nodiscard]] std::vector<Result<void>> reapply(const std::vector<ReapplyRequest>& requests) override {
        return std::vector<Result<void>>(requests.size(), refusal());
    }
    /// Its endpoints are in the namespace that it manages, not in this one.
    [[nodiscard]] bool has_run_since_boot() override { return false; }

  private:
    static tl::unexpected<Error> refusal() {
        return fail(ErrorKind::unavailable, "NetworkManager manages another network namespace");
    }
};

} // namespace keeper
