// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <set>
#include <vector>

#include "adapters/on_demand/system_services.hpp"
#include "ports/profile_port.hpp"

namespace keeper {

/// NetworkManager's profiles through the module, which is loaded at the first call that NetworkManager must
/// answer. On a host where NetworkManager has not run since boot it is not loaded at all.
class OnDemandProfiles final : public ProfilePort {
  public:
    explicit OnDemandProfiles(OnDemandServices& services) : services_(services) {}

    void start_round() override;
    [[nodiscard]] Result<NetworkManagerState> snapshot() override;
    [[nodiscard]] Result<NetworkManagerState> refresh(const std::set<Ifindex>& devices) override;
    [[nodiscard]] std::vector<Result<void>> store(const std::vector<StoreRequest>& requests) override;
    [[nodiscard]] std::vector<Result<void>> reapply(const std::vector<ReapplyRequest>& requests) override;
    [[nodiscard]] bool has_run_since_boot() override;
    void release() override;

    /// The events of what is read here; null if NetworkManager cannot be reached on this host.
    [[nodiscard]] std::unique_ptr<BusSource> watch();

  private:
    [[nodiscard]] Result<ProfilePort*> profiles();

    OnDemandServices& services_;
    ProfilePort* profiles_ = nullptr;
    bool is_in_round_ = false;
};

} // namespace keeper
