#pragma once

#include "ports/profile_port.hpp"

namespace keeper {

/// NetworkManager as a network namespace sees it that is not NetworkManager's own: it is not there. Asked
/// over the system bus it would answer, and speak of the devices of another namespace.
class NoProfiles final : public ProfilePort {
  public:
    [[nodiscard]] Result<NetworkManagerState> snapshot() override { return refusal(); }
    [[nodiscard]] std::vector<Result<void>> store(const std::vector<StoreRequest>& requests) override {
        return std::vector<Result<void>>(requests.size(), refusal());
    }
    [[nodiscard]] std::vector<Result<void>> reapply(const std::vector<ReapplyRequest>& requests) override {
        return std::vector<Result<void>>(requests.size(), refusal());
    }
    /// Its endpoints are in the namespace that it manages, and none of them is here.
    [[nodiscard]] bool has_run_since_boot() override { return false; }

  private:
    static tl::unexpected<Error> refusal() {
        return fail(ErrorKind::unavailable, "NetworkManager manages another network namespace than this one");
    }
};

} // namespace keeper
