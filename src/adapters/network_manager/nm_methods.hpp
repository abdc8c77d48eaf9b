// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "adapters/network_manager/nm_session.hpp"

namespace keeper {

/// The D-Bus methods that are called without libnm, whose wrappers drop settings that are newer than the
/// library. See NetworkManager's D-Bus reference.
inline constexpr const char* settings_connection_interface =
    "org.freedesktop.NetworkManager.Settings.Connection";
inline constexpr const char* device_interface = "org.freedesktop.NetworkManager.Device";

inline constexpr Method get_property_method{"org.freedesktop.DBus.Properties", "Get", "(v)"};
/// Never contains secrets; those require GetSecrets, which the keeper never calls.
inline constexpr Method get_settings_method{settings_connection_interface, "GetSettings", "(a{sa{sv}})"};
inline constexpr Method get_applied_connection_method{
    device_interface, "GetAppliedConnection", "(a{sa{sv}}t)"};
inline constexpr Method reapply_method{device_interface, "Reapply", "()"};

} // namespace keeper
