// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/on_demand/on_demand_profiles.hpp"

#include <cerrno>
#include <cstdlib>

#include <unistd.h>

#include "adapters/network_manager/network_manager_run.hpp"

namespace keeper {

namespace {

/// Whether there may be a system message bus.
bool is_there_a_bus() {
    return std::getenv(system_bus_variable) != nullptr || ::access(system_bus_socket, F_OK) == 0 ||
           errno != ENOENT;
}

} // namespace

Result<ProfilePort*> OnDemandProfiles::profiles() {
    if (profiles_ != nullptr) {
        return profiles_;
    }
    // Without a bus there is nothing to ask. In a container with the host's network, the folder may be
    // missing although NetworkManager runs.
    if (!network_manager_has_run() && !is_there_a_bus()) {
        return fail(not_running());
    }
    const auto services = services_.get();
    if (!services) {
        return propagate(services);
    }
    profiles_ = &(*services)->profiles();
    if (is_in_round_) {
        profiles_->start_round();
    }
    return profiles_;
}

std::unique_ptr<BusSource> OnDemandProfiles::watch() {
    if (!profiles()) {
        return nullptr;
    }
    const auto services = services_.get();
    return services ? (*services)->watch() : nullptr;
}

void OnDemandProfiles::start_round() {
    is_in_round_ = true;
    if (profiles_ != nullptr) {
        profiles_->start_round();
    }
}

Result<NetworkManagerState> OnDemandProfiles::snapshot() {
    const auto found = profiles();
    return found ? (*found)->snapshot() : propagate(found);
}

Result<NetworkManagerState> OnDemandProfiles::refresh(const std::set<Ifindex>& devices) {
    const auto found = profiles();
    return found ? (*found)->refresh(devices) : propagate(found);
}

std::vector<Result<void>> OnDemandProfiles::store(const std::vector<StoreRequest>& requests) {
    const auto found = profiles();
    return found ? (*found)->store(requests)
                 : std::vector<Result<void>>(requests.size(), fail(found.error()));
}

std::vector<Result<void>> OnDemandProfiles::reapply(const std::vector<ReapplyRequest>& requests) {
    const auto found = profiles();
    return found ? (*found)->reapply(requests)
                 : std::vector<Result<void>>(requests.size(), fail(found.error()));
}

bool OnDemandProfiles::has_run_since_boot() {
    return network_manager_has_run();
}

void OnDemandProfiles::release() {
    if (profiles_ != nullptr) {
        profiles_->release();
    }
}

} // namespace keeper
