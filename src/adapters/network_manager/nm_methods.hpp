// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "adapters/network_manager/system_bus.hpp"

/// Names and numbers of NetworkManager's D-Bus API; see its D-Bus reference.
namespace keeper::nm {

inline constexpr const char* service = "org.freedesktop.NetworkManager";
inline constexpr const char* objects_path = "/org/freedesktop";
inline constexpr const char* manager_path = "/org/freedesktop/NetworkManager";
inline constexpr const char* settings_path = "/org/freedesktop/NetworkManager/Settings/";
inline constexpr const char* actives_path = "/org/freedesktop/NetworkManager/ActiveConnection/";
inline constexpr const char* devices_path = "/org/freedesktop/NetworkManager/Devices/";

inline constexpr const char* manager_interface = "org.freedesktop.NetworkManager";
inline constexpr const char* profile_interface = "org.freedesktop.NetworkManager.Settings.Connection";
inline constexpr const char* active_interface = "org.freedesktop.NetworkManager.Connection.Active";
inline constexpr const char* device_interface = "org.freedesktop.NetworkManager.Device";
/// Both have the property PermHwAddress.
inline constexpr const char* wired_interface = "org.freedesktop.NetworkManager.Device.Wired";
inline constexpr const char* wireless_interface = "org.freedesktop.NetworkManager.Device.Wireless";
/// With the property TypeDescription.
inline constexpr const char* generic_interface = "org.freedesktop.NetworkManager.Device.Generic";
/// With the property CurrentCapabilities.
inline constexpr const char* modem_interface = "org.freedesktop.NetworkManager.Device.Modem";

inline constexpr Method get_managed_objects{"org.freedesktop.DBus.ObjectManager", "GetManagedObjects"};
inline constexpr Method get_property{"org.freedesktop.DBus.Properties", "Get"};
inline constexpr Method get_all_properties{"org.freedesktop.DBus.Properties", "GetAll"};
/// Never contains secrets; those require GetSecrets, which the keeper never calls.
inline constexpr Method get_settings{profile_interface, "GetSettings"};
inline constexpr Method update2{profile_interface, "Update2"};
inline constexpr Method get_applied_connection{device_interface, "GetAppliedConnection"};
inline constexpr Method reapply{device_interface, "Reapply"};

} // namespace keeper::nm
