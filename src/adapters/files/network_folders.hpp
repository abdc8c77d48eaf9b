// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

namespace keeper {

/// Where this program keeps the files of its network namespace: its record and what daemon and commands
/// share. Two namespaces never share a record, since each has its own endpoints, limits and sysctls.
struct NetworkFolders {
    std::string run;   ///< locks, the daemon's record and socket, the boot mark
    std::string state; ///< the record, state.json
    /// See name_of_this_network().
    std::string network = {};
    /// Whether this is another namespace than that of the folders in /run and /var/lib, NetworkManager and
    /// systemd's units.
    bool is_secondary = false;
};

/// Names the current network namespace, unambiguously until the next boot: "cookie-N" (SO_NETNS_COOKIE, Linux
/// 5.14; never reused) or "inode-N". Opens a socket.
[[nodiscard]] std::string name_of_this_network();

/// The folders of the current network namespace. /run/mptcp-keeper and /var/lib/mptcp-keeper belong to the
/// namespace of process 1, which is the host's. Any other one, as under `ip netns exec`, uses
/// /run/mptcp-keeper/netns/NETWORK for both, since it does not survive a reboot either.
///
/// If /run is not that of process 1, as in a container or a mount namespace with its own /run, the folders
/// belong to the first namespace that records something in them, which is named in the second line of
/// /run/mptcp-keeper/boot.
[[nodiscard]] NetworkFolders folders_of_this_network();

/// The same with other folders, for tests.
[[nodiscard]] NetworkFolders folders_of_this_network(const std::string& run, const std::string& state);

} // namespace keeper
