#pragma once

#include "adapters/network_manager/nm_session.hpp"

namespace keeper {

/// The D-Bus methods that are called beside libnm, because libnm's own wrappers drop settings that are
/// newer than the library. See NetworkManager's D-Bus reference.
inline constexpr const char* kSettingsConnectionInterface =
    "org.freedesktop.NetworkManager.Settings.Connection";
inline constexpr const char* kDeviceInterface = "org.freedesktop.NetworkManager.Device";

inline constexpr Method kGetProperty{"org.freedesktop.DBus.Properties", "Get", "(v)"};
/// Never contains secrets; those need GetSecrets, which the keeper never calls.
inline constexpr Method kGetSettings{kSettingsConnectionInterface, "GetSettings", "(a{sa{sv}})"};
inline constexpr Method kGetAppliedConnection{kDeviceInterface, "GetAppliedConnection", "(a{sa{sv}}t)"};
inline constexpr Method kReapply{kDeviceInterface, "Reapply", "()"};

} // namespace keeper
