#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/observed_state.hpp"
#include "plan/plan.hpp"

namespace keeper {

/// What the kernel and NetworkManager announce to nobody when it changes, at one moment. What could not be
/// read is nothing, and no change to or from nothing is told.
struct WatchedState {
    std::optional<std::map<std::string, std::string>> sysctls; ///< by the name after "net.mptcp."
    std::optional<Limits> limits;
    std::optional<std::map<std::string, EndpointValue>> endpoints; ///< by to_string(EndpointKey)
    struct WatchedProfile {
        std::string name;
        MptcpFlags flags; ///< as stored
        friend bool operator==(const WatchedProfile&, const WatchedProfile&) = default;
    };
    std::optional<std::map<std::string, WatchedProfile>> profiles; ///< by uuid
    friend bool operator==(const WatchedState&, const WatchedState&) = default;
};

/// Endpoints by their key, interfaces by name where `links` has them.
[[nodiscard]] std::map<std::string, EndpointValue>
watched_endpoints(const std::vector<Endpoint>& endpoints, const std::vector<Link>& links);
/// The profiles that a rule may touch.
[[nodiscard]] std::map<std::string, WatchedState::WatchedProfile>
watched_profiles(const NetworkManagerState& state);

/// One thing that is not what it was.
struct WatchedChange {
    Resource resource = Resource::sysctl;
    std::string key;  ///< as in a plan's change
    std::string name; ///< connection.id, profiles only
    Value before;
    Value after;
    friend bool operator==(const WatchedChange&, const WatchedChange&) = default;
};

/// What differs between two moments: sysctls, limits, endpoints, profiles.
[[nodiscard]] std::vector<WatchedChange>
changes_between(const WatchedState& before, const WatchedState& after);

/// The later moment, and where it could not be read, the earlier one.
[[nodiscard]] WatchedState merged(const WatchedState& earlier, WatchedState later);

} // namespace keeper
