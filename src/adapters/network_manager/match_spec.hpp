// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

namespace keeper {

/// The properties by which NetworkManager's configuration can match devices.
struct DeviceIdentity {
    std::string interface;
    std::string type; ///< nmcli's name: "ethernet", "wifi", …
    std::string driver;
    std::string driver_version;
    std::string permanent_address; ///< lower case with colons; empty for a device without one, such as veth
    std::string dhcp_plugin;       ///< [main] dhcp
    friend bool operator==(const DeviceIdentity&, const DeviceIdentity&) = default;
};

/// Splits a list of specifications ("interface-name:eth*,except:mac:…") like NetworkManager: at commas and
/// semicolons, with backslash as escape character. See "Device List Format" in NetworkManager.conf(5).
[[nodiscard]] std::vector<std::string> split_match_specs(const std::string& raw);

/// Whether the list selects the device. A list of exceptions alone selects every other device; an empty list
/// selects none. s390-subchannels: is not supported and matches nothing.
[[nodiscard]] bool matches_device(const std::vector<std::string>& specs, const DeviceIdentity& device);

/// Whether the list (of nm-version:, nm-version-min:, nm-version-max: and env:) selects a NetworkManager of
/// this version that runs without NM_CONFIG_ENABLE_TAG.
[[nodiscard]] bool matches_version(const std::vector<std::string>& specs, const std::string& version);

} // namespace keeper
