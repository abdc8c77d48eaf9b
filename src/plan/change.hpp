// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/endpoint.hpp"
#include "model/limits.hpp"
#include "model/mptcp_flags.hpp"

namespace keeper {

/// What a change is about.
enum class Resource { sysctl, limit, endpoint, profile, unit, program_hook };
inline constexpr std::array all_resources{
    Resource::sysctl,
    Resource::limit,
    Resource::endpoint,
    Resource::profile,
    Resource::unit,
    Resource::program_hook};
[[nodiscard]] std::string_view to_string(Resource resource);
/// The inverse of to_string(); std::nullopt for any other text.
[[nodiscard]] std::optional<Resource> parse_resource(std::string_view name);
/// The name of an item in messages: "net.mptcp.enabled", "limit subflows", "endpoint 198.51.100.1",
/// "profile wan0". Key and name are as in Change.
[[nodiscard]] std::string title_of(Resource resource, const std::string& key, const std::string& name);

/// The effect of a change on live connections.
enum class Impact { none, subflows_rebuilt, connections_may_close };
[[nodiscard]] std::string_view to_string(Impact impact);

/// What can be done about an item that is not as declared.
enum class Actionability {
    actionable,  ///< apply will change it
    deferred,    ///< waits for an address, an interface or an activation; in sync
    unsupported, ///< this kernel or NetworkManager is too old; in sync
    blocked,     ///< cannot be done as declared, the note says why; not in sync
};
/// Whether an item with this actionability counts as in sync.
[[nodiscard]] bool is_in_sync(Actionability actionability);

/// An endpoint as reports show it.
struct EndpointValue {
    std::string interface = {}; ///< empty for none
    EndpointFlags flags = {};
    EndpointId id = {}; ///< 0: not chosen yet
    friend bool operator==(const EndpointValue&, const EndpointValue&) = default;
};

/// A value before or after a change: none, a sysctl, a limit, an endpoint, or the flags of a profile. The
/// value of a unit is the protocol of its sockets, "tcp" or "mptcp"; none if the keeper does not manage it.
/// The value of a program hook is "attached" or none.
using Value = std::variant<std::monostate, std::string, std::uint32_t, EndpointValue, MptcpFlags>;

struct SetSysctl {
    std::string name;
    std::string value;
    friend bool operator==(const SetSysctl&, const SetSysctl&) = default;
};
struct SetLimit {
    LimitsPatch patch; ///< exactly one member is set
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
/// Only if the kernel cannot change it in place.
struct ReplaceEndpoint {
    Endpoint from;
    Endpoint to;
    friend bool operator==(const ReplaceEndpoint&, const ReplaceEndpoint&) = default;
};
struct SetEndpointFlags {
    Endpoint from;
    Endpoint to;
    friend bool operator==(const SetEndpointFlags&, const SetEndpointFlags&) = default;
};
using EndpointAction = std::variant<AddEndpoint, RemoveEndpoint, ReplaceEndpoint, SetEndpointFlags>;

/// How one live device of a profile is brought in line.
struct LiveDevice {
    std::string interface;
    std::vector<EndpointAction> endpoints = {}; ///< carried out before the reapply, which then keeps them
    bool reapply = false;
    bool force_difference = false; ///< see ReapplyRequest
    MptcpFlags flags = {};         ///< for the reapply
    MptcpFlags flags_before = {};
    friend bool operator==(const LiveDevice&, const LiveDevice&) = default;
};
struct ChangeProfile {
    std::string uuid;
    bool store = false;     ///< the stored profile differs
    MptcpFlags stored = {}; ///< the declared flags
    MptcpFlags stored_before = {};
    std::vector<LiveDevice> devices = {};
    friend bool operator==(const ChangeProfile&, const ChangeProfile&) = default;
};
/// How a unit's sockets are brought in line. A reload is systemd's daemon-reload, one for all units.
struct ChangeUnit {
    std::string unit;
    bool reload = false;
    bool restart = false;
    bool try_again = false; ///< although it was taken back to TCP
    friend bool operator==(const ChangeUnit&, const ChangeUnit&) = default;
};
/// Replaces the program hook. A request is the text of hook_request.hpp; empty: no program.
struct ChangeProgramHook {
    std::string request;
    std::string request_before; ///< empty also if it is not known
    friend bool operator==(const ChangeProgramHook&, const ChangeProgramHook&) = default;
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
    ChangeUnit,
    ChangeProgramHook>;

/// One item that is not as declared.
struct Change {
    Resource resource = Resource::sysctl;
    std::string key = {};  ///< as in JSON: "net.mptcp.enabled", "subflows", "198.51.100.1:4000", a uuid
    std::string name = {}; ///< connection.id, profiles only
    Value before = {};
    Value after = {};
    std::string source = {}; ///< "FILE:LINE"
    Impact impact = Impact::none;
    std::uint32_t connections_affected = 0;
    Actionability actionability = Actionability::actionable;
    /// For messages: by which means it is done if actionable, otherwise why it is not done.
    std::string note = {};
    /// Further changes that NetworkManager makes, as messages. The plan's warnings include them.
    std::vector<std::string> side_effects = {};
    /// The endpoint is added on NetworkManager's behalf and counts as NetworkManager's own.
    bool for_network_manager = false;
    /// NetworkManager's next sync will revert it, so the daemon makes it at most once a minute.
    bool undone_by_network_manager = false;
    Action action = {};
    friend bool operator==(const Change&, const Change&) = default;
};

[[nodiscard]] std::string title_of(const Change& change);
/// Whether both are about the same item.
[[nodiscard]] bool is_same_item(const Change& one, const Change& other);

/// The key of the item for the whole section if NetworkManager could not be read.
inline constexpr const char* all_profiles = "*";

/// The change's action if it concerns a single endpoint, otherwise std::nullopt.
[[nodiscard]] std::optional<EndpointAction> endpoint_action(const Change& change);

} // namespace keeper
