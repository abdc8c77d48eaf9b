#pragma once

#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "model/desired_state.hpp"
#include "model/observed_state.hpp"
#include "model/ownership.hpp"

namespace keeper {

enum class Resource { sysctl, limit, endpoint, profile, unit };
[[nodiscard]] std::string_view to_string(Resource resource);

/// The groups that `apply --only` names. Endpoints that NetworkManager makes belong to profiles.
enum class Kind { sysctl, limits, endpoints, profiles, applications };

/// What a change does to live connections.
enum class Impact { none, subflows_rebuilt, connections_may_close };
[[nodiscard]] std::string_view to_string(Impact impact);

/// What can be done about an item that is not as declared.
enum class Standing {
    actionable,  ///< apply will change it
    deferred,    ///< waits for something outside: an address, an interface, an activation; in sync
    unsupported, ///< this kernel or NetworkManager is too old; in sync
    blocked,     ///< cannot be done as declared; the note says why; not in sync
};

/// An endpoint as a report shows it.
struct EndpointValue {
    std::string interface; ///< empty: none
    EndpointFlags flags;
    EndpointId id; ///< 0: not chosen yet
    friend bool operator==(const EndpointValue&, const EndpointValue&) = default;
};

/// A value before or after a change: nothing, a sysctl, a limit, an endpoint, a profile's flags. A unit's is
/// the protocol of its sockets, "tcp" or "mptcp"; nothing where the keeper has no say in it.
using Value = std::variant<std::monostate, std::string, std::uint32_t, EndpointValue, MptcpFlags>;

struct SetSysctl {
    std::string name;
    std::string value;
    friend bool operator==(const SetSysctl&, const SetSysctl&) = default;
};
struct SetLimit {
    LimitsPatch patch; ///< exactly one member set
    friend bool operator==(const SetLimit&, const SetLimit&) = default;
};
struct AddEndpoint {
    Endpoint endpoint;
    friend bool operator==(const AddEndpoint&, const AddEndpoint&) = default;
};
struct RemoveEndpoint {
    Endpoint endpoint;
    friend bool operator==(const RemoveEndpoint&, const RemoveEndpoint&) = default;
};
/// Only where the kernel cannot change it in place.
struct ReplaceEndpoint {
    Endpoint from;
    Endpoint to;
    friend bool operator==(const ReplaceEndpoint&, const ReplaceEndpoint&) = default;
};
struct SetEndpointFlags {
    Endpoint from; ///< as it was
    Endpoint to;
    friend bool operator==(const SetEndpointFlags&, const SetEndpointFlags&) = default;
};
using EndpointAction = std::variant<AddEndpoint, RemoveEndpoint, ReplaceEndpoint, SetEndpointFlags>;

/// How one live device of a profile is brought in line.
struct LiveDevice {
    std::string interface;
    std::vector<EndpointAction> endpoints; ///< carried out before the reapply, which then finds them right
    bool reapply = false;
    bool force_difference = false; ///< see ReapplyRequest
    MptcpFlags flags;              ///< those that the device shall run, where it is reapplied
    MptcpFlags flags_before;
    friend bool operator==(const LiveDevice&, const LiveDevice&) = default;
};
struct ChangeProfile {
    std::string uuid;
    bool store = false; ///< the stored profile differs
    MptcpFlags stored;  ///< what it shall be
    MptcpFlags stored_before;
    std::vector<LiveDevice> devices;
    friend bool operator==(const ChangeProfile&, const ChangeProfile&) = default;
};
/// What brings a unit's sockets in line. Reloading is systemd's daemon-reload, one for all units.
struct ChangeUnit {
    std::string unit;
    bool reload = false;
    bool restart = false;
    friend bool operator==(const ChangeUnit&, const ChangeUnit&) = default;
};
using Action = std::variant<
    std::monostate,
    SetSysctl,
    SetLimit,
    AddEndpoint,
    RemoveEndpoint,
    ReplaceEndpoint,
    SetEndpointFlags,
    ChangeProfile,
    ChangeUnit>;

/// One item that is not as declared.
struct Change {
    Resource resource = Resource::sysctl;
    std::string key;  ///< the contract's: "net.mptcp.enabled", "subflows", "198.51.100.1:4000", a uuid
    std::string name; ///< connection.id, profiles only
    Value before;
    Value after;
    std::string source; ///< "FILE:LINE"
    Impact impact = Impact::none;
    std::uint32_t connections_affected = 0;
    Standing standing = Standing::actionable;
    /// By which means it is done (actionable), or why it is not done (the others). A sentence for a person.
    std::string note;
    /// What NetworkManager does besides, each a sentence; the plan's warnings have them too.
    std::vector<std::string> side_effects;
    /// The endpoint stands in for NetworkManager's own: nobody's property but NetworkManager's.
    bool for_network_manager = false;
    /// NetworkManager's next sync is known to undo it: the daemon does it at most once a minute.
    bool undone_by_network_manager = false;
    Action action;
    friend bool operator==(const Change&, const Change&) = default;
};

/// The key of the item that stands for the whole section where NetworkManager could not be asked.
inline constexpr const char* all_profiles = "*";

/// The change's action if it is about one endpoint; nothing otherwise.
[[nodiscard]] std::optional<EndpointAction> endpoint_action(const Change& change);

/// What it takes to make a host what the files say. Changes stand in the order in which they are carried out.
struct Plan {
    std::vector<Change> changes;
    std::vector<std::string> warnings;
    friend bool operator==(const Plan&, const Plan&) = default;

    /// Nothing to do and nothing blocked: what is deferred or unsupported is in sync.
    [[nodiscard]] bool in_sync() const;
    /// Profiles are declared, and NetworkManager could not be asked for them: what holds cannot be told.
    [[nodiscard]] bool is_blind() const;
};

/// What a plan shall cover.
struct Scope {
    std::set<Kind> kinds{Kind::sysctl, Kind::limits, Kind::endpoints, Kind::profiles, Kind::applications};
    /// `apply --boot`: endpoints that name an interface wait until the host is up.
    bool boot = false;
    /// NetworkManager is not asked, and what depends on its answer waits: for a daemon whose NetworkManager
    /// is there and does not answer.
    bool without_network_manager = false;
    /// Endpoints that were in the kernel before their address was usable. It tried them then, failed, and
    /// never tries again for the connections that live: those it must be given anew.
    std::set<EndpointKey> tried_too_early;
    /// Units that must be restarted for their programs to use MPTCP may be.
    bool restart_units = false;
    /// The declaration is a file of its own, of which the generator that writes the units' drop-ins, which
    /// reads those of the system, knows nothing.
    bool is_candidate = false;
    /// Units are declared, so that their files and programs are worth a look; see with_programs().
    bool units = false;
    /// The declaration has MPTCP on; see with_programs().
    bool enables_mptcp = false;
    /// The programs that matter, of which it takes a walk over /proc to know; see with_programs().
    std::optional<ProcessQuery> programs;
    [[nodiscard]] bool has(Kind kind) const { return kinds.count(kind) != 0; }
};

/// The one function behind diff, dry run, apply, drift detection and verification: the difference between
/// what is declared and what is there, limited to what the keeper may touch. Pure.
[[nodiscard]] Plan make_plan(
    const DesiredState& desired,
    const ObservedState& observed,
    const Ownership& ownership,
    const Scope& scope);

} // namespace keeper
