// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/endpoint.hpp"
#include "model/kernel_bounds.hpp"
#include "model/mptcp_flags.hpp"

namespace keeper {

/// A value before the keeper's first change, and the "FILE:LINE" of the declaration that caused the change.
template <class T>
struct Baseline {
    T found{};
    std::string source;
    friend bool operator==(const Baseline&, const Baseline&) = default;
};

/// An endpoint that the keeper added, with the requested flags (the kernel silently drops bits that it does
/// not know).
struct OwnedEndpoint {
    EndpointFlags requested;
    std::string source;
    friend bool operator==(const OwnedEndpoint&, const OwnedEndpoint&) = default;
};

/// What the keeper changed on this host and can restore. Stored in /var/lib/mptcp-keeper before the change is
/// made, so that a crash in between leaves nothing half-owned.
struct Ownership {
    /// /proc/sys/kernel/random/boot_id of the boot in which the endpoints below were recorded. Endpoints do
    /// not survive a reboot, so neither do their records. Those of sysctls, limits and profiles do.
    std::string boot_id;
    std::map<std::string, Baseline<std::string>> sysctls;
    std::map<std::string, Baseline<std::uint32_t>> limits; ///< "subflows", "add_addr_accepted"
    struct ProfileBaseline {
        std::string name; ///< connection.id, for messages about a profile that is gone
        MptcpFlags flags;
        std::string source;
        friend bool operator==(const ProfileBaseline&, const ProfileBaseline&) = default;
    };
    std::map<std::string, ProfileBaseline> profiles;  ///< by uuid
    std::map<SocketAddress, OwnedEndpoint> endpoints; ///< created by the keeper
    /// Added on behalf of NetworkManager where it could not be made to do so itself. They count as its own;
    /// the record serves to remove them when the profile's flags no longer call for them.
    std::map<SocketAddress, OwnedEndpoint> stand_ins;
    /// Endpoints of other programs that the keeper removed or changed because the configuration declared it.
    std::map<SocketAddress, Baseline<Endpoint>> displaced;
    KernelBounds kernel;

    friend bool operator==(const Ownership&, const Ownership&) = default;
    [[nodiscard]] bool empty() const {
        return sysctls.empty() && limits.empty() && profiles.empty() && endpoints.empty() &&
               stand_ins.empty() && displaced.empty();
    }
};

} // namespace keeper
