// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>

#include "adapters/events/bus_source.hpp"
#include "applications/run_scope.hpp"
#include "base/result.hpp"
#include "ports/log_port.hpp"
#include "ports/profile_port.hpp"
#include "ports/service_port.hpp"

namespace keeper {

/// The adapters that require libsystemd and GLib. They are in a module of their own,
/// /usr/lib/mptcp-keeper/bus.so, which is loaded when it is first needed: loading these libraries takes as
/// long as a short command.
class SystemServices {
  public:
    SystemServices() = default;
    SystemServices(const SystemServices&) = delete;
    SystemServices& operator=(const SystemServices&) = delete;
    virtual ~SystemServices() = default;

    /// NetworkManager's profiles.
    [[nodiscard]] virtual ProfilePort& profiles() = 0;
    /// The events of what profiles() has read.
    [[nodiscard]] virtual std::unique_ptr<BusSource> watch() = 0;
    [[nodiscard]] virtual ServicePort& service() = 0;
    [[nodiscard]] virtual LogPort& log() = 0;
    /// Moves this process into a new scope of systemd.
    [[nodiscard]] virtual Result<void> start_scope(const TransientScope& scope) = 0;
};

/// Loads the module once. A module of another version of the program, which an upgrade may have installed in
/// the meantime, is refused.
class OnDemandServices {
  public:
    /// `path`: of the module, absolute.
    explicit OnDemandServices(const char* path) : path_(path) {}

    /// ErrorKind::unavailable: the module or one of its libraries is not installed.
    [[nodiscard]] Result<SystemServices*> get();

  private:
    const char* path_;
    std::unique_ptr<SystemServices> services_; ///< its code stays loaded until the process ends
};

/// What the module exports.
struct SystemServicesModule {
    const char* version; ///< of the program that it belongs to
    SystemServices* (*create)();
};
inline constexpr const char* system_services_symbol = "mptcp_keeper_system_services";

} // namespace keeper
