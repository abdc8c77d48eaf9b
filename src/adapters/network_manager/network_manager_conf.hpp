// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "adapters/network_manager/match_spec.hpp"
#include "model/mptcp_flags.hpp"

namespace keeper {

/// One of NetworkManager's configuration files.
struct ConfFile {
    std::string path;
    bool is_main = false; ///< NetworkManager.conf itself, which [.config] cannot switch off
    friend bool operator==(const ConfFile&, const ConfFile&) = default;
};

/// NetworkManager's configuration files below `root` ("" for the running system), lowest priority first:
/// conf.d of /usr/lib and /run, NetworkManager.conf, conf.d of /etc. In conf.d a name in /etc shadows /run,
/// which shadows /usr/lib. NetworkManager-intern.conf does not affect connection defaults.
[[nodiscard]] std::vector<ConfFile> network_manager_conf_files(const std::string& root);

/// connection.mptcp-flags of the [connection…] sections, and which of them NetworkManager uses for a device.
/// Pure. The rules are NetworkManager's, as observed with 1.42 (tests/integration/test_nm_conf.py):
/// - every section whose name begins with "connection" counts; those of a later file come first, those of one
///   file in their order, and [connection] itself comes last. A section in several files keeps the position
///   that it has in the first of them, and takes each key from the last;
/// - the first section that matches the device and sets the key, or has stop-match, decides. If its value is
/// not
///   a number, NetworkManager's built-in default applies, not the next section;
/// - numbers are parsed like strtoll(3) with base 0: 24, 0x18 and 030 are the same.
class NetworkManagerConf {
  public:
    struct Text {
        std::string text;
        bool is_main = false;
    };

    /// The texts in the order of network_manager_conf_files().
    [[nodiscard]] static NetworkManagerConf read(const std::vector<Text>& texts, std::string version);

    /// The flags that flags 0 of a profile mean on that device; null: on one that no match-device names.
    [[nodiscard]] MptcpFlags default_flags(const DeviceIdentity* device) const;

    /// [main] dhcp, for DeviceIdentity.
    [[nodiscard]] const std::string& dhcp_plugin() const { return dhcp_plugin_; }

  private:
    struct Section {
        std::string name;
        std::optional<std::string> flags;
        std::optional<std::vector<std::string>> match_device;
        bool stop_match = false;
    };

    std::vector<Section> sections_; ///< the first that matches decides
    std::string version_;
    std::string dhcp_plugin_ = "internal";
};

/// The flags that this version of NetworkManager uses for a number in its configuration: 0 is the built-in
/// default, unknown bits are dropped, disabled excludes all others, and signal excludes fullmesh.
[[nodiscard]] MptcpFlags effective_default_flags(std::int64_t number, const std::string& version);

} // namespace keeper
