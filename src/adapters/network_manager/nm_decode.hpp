// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "adapters/network_manager/bus_reader.hpp"
#include "adapters/network_manager/nm_objects.hpp"

namespace keeper {

// Read the properties (a{sv}) of an interface of one of NetworkManager's objects.

void decode_profile(BusReader& reader, NmProfileObject& profile);
void decode_active(BusReader& reader, NmActiveObject& active);
void decode_device(BusReader& reader, NmDeviceObject& device);
/// Of the interface for devices of its type.
void decode_hardware(BusReader& reader, NmDeviceObject& device);
void decode_manager(BusReader& reader, NmObjects& objects);

/// The interface for devices of that type that decode_hardware() reads.
[[nodiscard]] const char* hardware_interface(const NmDeviceObject& device);

/// Reads the reply of GetManagedObjects; false if it cannot be parsed.
[[nodiscard]] bool decode_objects(sd_bus_message* reply, NmObjects& objects);

} // namespace keeper
