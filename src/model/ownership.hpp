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

/// A value as the keeper found it before its first change, and the "FILE:LINE" that made it change it.
template <class T>
struct Baseline {
    T found{};
    std::string source;
    friend bool operator==(const Baseline&, const Baseline&) = default;
};

/// An endpoint that the keeper added, with the flags that it asked for (the kernel drops bits that it does
/// not know without a word).
struct OwnedEndpoint {
    EndpointFlags requested;
    std::string source;
    friend bool operator==(const OwnedEndpoint&, const OwnedEndpoint&) = default;
};

/// What the keeper changed on this host and must be able to put back. Kept in /var/lib/mptcp-keeper, written
/// before the change that it describes, so that a crash in between leaves nothing half-owned.
struct Ownership {
    /// /proc/sys/kernel/random/boot_id of the boot in which the endpoints below were recorded: endpoints do
    /// not outlive a boot, so their records do not either. Sysctls, limits and profiles do.
    std::string boot_id;
    std::map<std::string, Baseline<std::string>> sysctls;
    std::map<std::string, Baseline<std::uint32_t>> limits; ///< "subflows", "add_addr_accepted"
    struct ProfileBaseline {
        std::string name; ///< connection.id, for messages about a profile that is gone
        MptcpFlags flags;
        std::string source;
        friend bool operator==(const ProfileBaseline&, const ProfileBaseline&) = default;
    };
    std::map<std::string, ProfileBaseline> profiles; ///< by uuid
    std::map<EndpointKey, OwnedEndpoint> endpoints;  ///< created by the keeper
    /// Added on NetworkManager's behalf, where it could not be made to do so itself. They count as its own,
    /// and are kept here to recognise them when the flags that called for them go.
    std::map<EndpointKey, OwnedEndpoint> stand_ins;
    /// Endpoints of others that the keeper removed or changed because a file said so.
    std::map<EndpointKey, Baseline<Endpoint>> displaced;
    KernelBounds kernel;

    friend bool operator==(const Ownership&, const Ownership&) = default;
    [[nodiscard]] bool empty() const {
        return sysctls.empty() && limits.empty() && profiles.empty() && endpoints.empty() &&
               stand_ins.empty() && displaced.empty();
    }
};

} // namespace keeper
