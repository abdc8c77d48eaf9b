// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/limits.hpp"
#include "model/observed_state.hpp"
#include "plan/change.hpp"

namespace keeper {

/// The state whose changes neither the kernel nor NetworkManager announces, at one moment. A part that could
/// not be read is std::nullopt, and no change to or from that is reported.
struct WatchedState {
    std::optional<std::map<std::string, std::string>> sysctls; ///< by the name after "net.mptcp."
    std::optional<Limits> limits;
    std::optional<std::map<std::string, EndpointValue>> endpoints; ///< by to_string(SocketAddress)
    struct WatchedProfile {
        std::string name;
        MptcpFlags flags; ///< as stored
        friend bool operator==(const WatchedProfile&, const WatchedProfile&) = default;
    };
    std::optional<std::map<std::string, WatchedProfile>> profiles;  ///< by uuid
    std::optional<std::map<std::string, std::string>> program_hook; ///< "attached" by key, as in Change
    friend bool operator==(const WatchedState&, const WatchedState&) = default;
};

/// Endpoints by key, with the names of interfaces that `links` has.
[[nodiscard]] std::map<std::string, EndpointValue>
watched_endpoints(const std::vector<Endpoint>& endpoints, const std::vector<Link>& links);
/// The profiles that rules may change.
[[nodiscard]] std::map<std::string, WatchedState::WatchedProfile>
watched_profiles(const NetworkManagerState& state);

/// What is attached; under the key "all" if its scope is not known.
[[nodiscard]] std::map<std::string, std::string> watched_program_hook(const ObservedProgramHook& hook);

/// One item that has changed.
struct WatchedChange {
    Resource resource = Resource::sysctl;
    std::string key;       ///< as in Change
    std::string name = {}; ///< connection.id, profiles only
    Value before = {};
    Value after = {};
    friend bool operator==(const WatchedChange&, const WatchedChange&) = default;
};

/// The differences between two moments: sysctls, limits, endpoints, profiles, the program hook.
[[nodiscard]] std::vector<WatchedChange>
changes_between(const WatchedState& before, const WatchedState& after);

/// The later state; parts of it that could not be read come from the earlier one.
[[nodiscard]] WatchedState merged(const WatchedState& earlier, WatchedState later);

} // namespace keeper
