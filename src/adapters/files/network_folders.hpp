#pragma once

#include <string>

namespace keeper {

/// Where this program keeps what belongs to its network namespace: its record and what daemon and commands
/// share. Two namespaces never share a record, since each has endpoints, limits and sysctls of its own.
struct NetworkFolders {
    std::string run;   ///< locks, the daemon's record and socket, the boot mark
    std::string state; ///< the record, state.json
    /// Names the namespace for as long as the system runs: "cookie-N" (SO_NETNS_COOKIE, Linux 5.14; never
    /// used again) or "inode-N".
    std::string network = {};
    /// Not the namespace that the folders in /run and /var/lib belong to, nor NetworkManager and systemd's
    /// units.
    bool is_secondary = false;
};

/// Names the network namespace in which this runs for as long as the system runs: "cookie-N"
/// (SO_NETNS_COOKIE, Linux 5.14; never used again) or "inode-N". Opens a socket.
[[nodiscard]] std::string name_of_this_network();

/// The folders of the network namespace in which this runs. /run/mptcp-keeper and /var/lib/mptcp-keeper
/// belong to the namespace of process 1, the host's own. Any other, as under `ip netns exec`, gets
/// /run/mptcp-keeper/netns/NETWORK for both: it does not outlive the boot either.
///
/// Where /run is not process 1's, as in a container or a mount namespace that has its own, the folders belong
/// to the first namespace that records something in them, which the second line of /run/mptcp-keeper/boot
/// names.
[[nodiscard]] NetworkFolders folders_of_this_network();

/// The same for other folders than /run and /var/lib, for tests.
[[nodiscard]] NetworkFolders folders_of_this_network(const std::string& run, const std::string& state);

} // namespace keeper
