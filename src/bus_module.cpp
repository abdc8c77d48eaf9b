// SPDX-License-Identifier: LGPL-2.1-or-later
#include <memory>

#include "adapters/network_manager/nm_profiles.hpp"
#include "adapters/network_manager/nm_watch.hpp"
#include "adapters/on_demand/system_services.hpp"
#include "adapters/service/journal_log.hpp"
#include "adapters/service/scope_start.hpp"
#include "adapters/service/systemd_service.hpp"

// The module that the program loads when it first needs NetworkManager or the service manager.

namespace {

class BusServices final : public keeper::SystemServices {
  public:
    keeper::ProfilePort& profiles() override { return profiles_; }
    std::unique_ptr<keeper::BusSource> watch() override {
        return std::make_unique<keeper::NmWatch>(connection_);
    }
    keeper::ServicePort& service() override { return service_; }
    keeper::LogPort& log() override { return log_; }
    keeper::Result<void> start_scope(const keeper::TransientScope& scope) override {
        return keeper::start_scope(scope);
    }

  private:
    std::shared_ptr<keeper::NmConnection> connection_ = std::make_shared<keeper::NmConnection>();
    keeper::NmProfiles profiles_{connection_};
    keeper::SystemdService service_;
    keeper::JournalLog log_;
};

keeper::SystemServices* create_services() {
    return new BusServices; // owned by the program
}

} // namespace

extern "C" __attribute__((visibility("default")))
const keeper::SystemServicesModule mptcp_keeper_system_services{
    .version = KEEPER_VERSION, .create = create_services};
