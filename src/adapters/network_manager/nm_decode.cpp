// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/network_manager/nm_decode.hpp"

#include <algorithm>
#include <string_view>

#include <nm-dbus-interface.h>

#include "adapters/network_manager/nm_methods.hpp"

namespace keeper {

namespace {

std::string lower_case(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](char letter) {
        return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    });
    return text;
}

/// As NetworkManager names a modem.
std::string modem_type(std::uint32_t capabilities) {
    if ((capabilities & NM_DEVICE_MODEM_CAPABILITY_GSM_UMTS) != 0) {
        return "gsm";
    }
    return (capabilities & NM_DEVICE_MODEM_CAPABILITY_CDMA_EVDO) != 0 ? "cdma" : "modem";
}

void decode_object(BusReader& reader, const std::string& path, NmObjects& objects) {
    reader.for_each_entry("sa{sv}", [&](std::string_view interface) {
        if (interface == nm::profile_interface) {
            decode_profile(reader, objects.profiles[path]);
        } else if (interface == nm::active_interface) {
            decode_active(reader, objects.actives[path]);
        } else if (interface == nm::device_interface) {
            decode_device(reader, objects.devices[path]);
        } else if (
            interface == nm::wired_interface || interface == nm::wireless_interface ||
            interface == nm::generic_interface || interface == nm::modem_interface) {
            decode_hardware(reader, objects.devices[path]);
        } else if (interface == nm::manager_interface) {
            decode_manager(reader, objects);
        } else {
            reader.skip("a{sv}");
        }
    });
}

} // namespace

void decode_profile(BusReader& reader, NmProfileObject& profile) {
    reader.for_each_property([&](std::string_view property) {
        if (property == "Flags") {
            profile.flags = reader.number_variant().value_or(0);
        } else if (property == "Filename") {
            profile.filename = reader.text_variant();
        } else {
            reader.skip_variant();
        }
    });
}

void decode_active(BusReader& reader, NmActiveObject& active) {
    reader.for_each_property([&](std::string_view property) {
        if (property == "Connection") {
            active.profile = reader.path_variant();
        } else if (property == "Uuid") {
            active.uuid = reader.text_variant();
        } else if (property == "State") {
            active.state = reader.number_variant().value_or(0);
        } else if (property == "StateFlags") {
            active.flags = reader.number_variant().value_or(0);
        } else if (property == "Devices") {
            active.devices = reader.paths_variant();
        } else {
            reader.skip_variant();
        }
    });
}

void decode_device(BusReader& reader, NmDeviceObject& device) {
    std::string ip_interface;
    reader.for_each_property([&](std::string_view property) {
        if (property == "Interface") {
            device.identity.interface = reader.text_variant();
        } else if (property == "IpInterface") {
            ip_interface = reader.text_variant();
        } else if (property == "DeviceType") {
            device.identity.type = device_type_name(reader.number_variant().value_or(0));
        } else if (property == "Driver") {
            device.identity.driver = reader.text_variant();
        } else if (property == "DriverVersion") {
            device.identity.driver_version = reader.text_variant();
        } else if (property == "State") {
            device.state = reader.number_variant().value_or(0);
        } else if (property == "ActiveConnection") {
            device.active = reader.path_variant();
        } else if (property == "Ip4Config") {
            device.ip4_config = reader.path_variant();
        } else if (property == "Ip6Config") {
            device.ip6_config = reader.path_variant();
        } else {
            reader.skip_variant();
        }
    });
    device.interface = ip_interface.empty() ? device.identity.interface : ip_interface;
}

void decode_hardware(BusReader& reader, NmDeviceObject& device) {
    reader.for_each_property([&](std::string_view property) {
        if (property == "PermHwAddress") {
            device.identity.permanent_address = lower_case(reader.text_variant());
        } else if (property == "TypeDescription") {
            device.precise_type = reader.text_variant();
        } else if (property == "CurrentCapabilities") {
            device.precise_type = modem_type(reader.number_variant().value_or(0));
        } else {
            reader.skip_variant();
        }
    });
}

const char* hardware_interface(const NmDeviceObject& device) {
    const std::string& type = device.identity.type;
    if (type == "wifi") {
        return nm::wireless_interface;
    }
    if (type == "generic") {
        return nm::generic_interface;
    }
    return type == "modem" ? nm::modem_interface : nm::wired_interface;
}

void decode_manager(BusReader& reader, NmObjects& objects) {
    reader.for_each_property([&](std::string_view property) {
        if (property == "Version") {
            objects.version = reader.text_variant();
        } else if (property == "Startup") {
            objects.is_starting = reader.bool_variant();
        } else {
            reader.skip_variant();
        }
    });
}

bool decode_objects(sd_bus_message* reply, NmObjects& objects) {
    BusReader reader(reply);
    reader.for_each_entry("oa{sa{sv}}", [&](const char* path) { decode_object(reader, path, objects); });
    return reader.ok();
}

} // namespace keeper
