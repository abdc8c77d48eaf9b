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

/// NetworkManager's configuration files below `root` ("" for the running system), the one that counts least
/// first: conf.d of /usr/lib and /run, NetworkManager.conf, conf.d of /etc. In conf.d a name in /etc shadows
/// /run, which shadows /usr/lib. NetworkManager-intern.conf has no say in connection defaults.
[[nodiscard]] std::vector<ConfFile> network_manager_conf_files(const std::string& root);

/// connection.mptcp-flags of the [connection…] sections, for each device what NetworkManager makes of them.
/// Pure. The rules are NetworkManager's own, found by asking 1.42 (tests/integration/test_nm_conf.py):
/// - every section whose name begins with "connection" counts; those of a later file come first, those of
///   one file in their order, and [connection] itself last of all. A section that several files have keeps
///   the place that it had in the first of them, and takes each key from the last;
/// - the first section that fits the device and sets the key, or has stop-match, decides. Where its value is
///   no number, NetworkManager's built-in default holds, not the next section;
/// - numbers are those of strtoll(3) with base 0: 24, 0x18 and 030 are the same.
class NetworkManagerConf {
  public:
    struct Text {
        std::string text;
        bool is_main = false;
    };

    /// The texts in the order of network_manager_conf_files().
    [[nodiscard]] static NetworkManagerConf read(const std::vector<Text>& texts, std::string version);

    /// What a profile with flags 0 means on that device; without a device, on one that no match-device names.
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

    std::vector<Section> sections_; ///< the first that fits decides
    std::string version_;
    std::string dhcp_plugin_ = "internal";
};

/// What this version of NetworkManager makes of a number in its configuration: 0 is the built-in default,
/// unknown bits are dropped, disabled rules out all others, and signal rules out fullmesh.
[[nodiscard]] MptcpFlags effective_default_flags(std::int64_t number, const std::string& version);

} // namespace keeper
