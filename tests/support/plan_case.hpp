// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <set>
#include <stdexcept>
#include <string>

#include <nlohmann/json.hpp>

#include "plan/plan.hpp"
#include "support/values.hpp"

/// The files of a plan case, as values. An unknown key is an error, thrown as std::runtime_error: a misspelt
/// one must not make a test pass.
namespace keeper::test {

using Json = nlohmann::ordered_json;

/// A JSON object that records which of its keys were read.
class Fields {
  public:
    explicit Fields(const Json& json) : json_(json) {}
    Fields(const Fields&) = delete;
    Fields& operator=(const Fields&) = delete;

    [[nodiscard]] bool has(const std::string& key) {
        read_keys_.insert(key);
        return json_.contains(key);
    }
    template <class T>
    [[nodiscard]] T get(const std::string& key) {
        read_keys_.insert(key);
        return json_.at(key).get<T>();
    }
    template <class T>
    [[nodiscard]] T get(const std::string& key, T otherwise) {
        return has(key) ? json_.at(key).get<T>() : std::move(otherwise);
    }
    [[nodiscard]] Json list(const std::string& key) { return has(key) ? json_.at(key) : Json::array(); }
    [[nodiscard]] Json map(const std::string& key) { return has(key) ? json_.at(key) : Json::object(); }

    /// To be called once all keys were read.
    void refuse_unknown_keys() const {
        for (const auto& item : json_.items()) {
            if (read_keys_.count(item.key()) == 0) {
                throw std::runtime_error("unknown key " + item.key() + " in " + json_.dump());
            }
        }
    }

  private:
    const Json json_;
    std::set<std::string> read_keys_;
};

inline EndpointFlags endpoint_flags(const Json& json) {
    EndpointFlags flags;
    for (const auto& item : json) {
        const auto name = item.get<std::string>();
        flags = flags.with(name == "implicit" ? EndpointFlag::implicit : parse_endpoint_flag(name).value());
    }
    return flags;
}

inline MptcpFlags mptcp_flags(const Json& json) {
    MptcpFlags flags;
    for (const auto& item : json) {
        const auto name = item.get<std::string>();
        flags = name == "default" ? flags : flags.with(parse_mptcp_flag(name).value());
    }
    return flags;
}

/// {"at": "198.51.100.1", "flags": [...], "ifindex": 2, "id": 1}
inline Endpoint read_endpoint(const Json& json) {
    Fields fields(json);
    Endpoint result = endpoint(
        fields.get<std::string>("at"),
        endpoint_flags(fields.list("flags")),
        fields.get("ifindex", 0),
        fields.get("id", 0));
    fields.refuse_unknown_keys();
    return result;
}

/// "192.0.2.1" or {"address", "scope", "tentative", "dad_failed", "temporary", "foreign"}
inline LinkAddress read_address(const Json& json) {
    LinkAddress result;
    result.no_prefix_route = true;
    if (json.is_string()) {
        result.address = address(json.get<std::string>());
        return result;
    }
    Fields fields(json);
    result.address = address(fields.get<std::string>("address"));
    result.scope = fields.get("scope", result.scope);
    result.tentative = fields.get("tentative", false);
    result.dad_failed = fields.get("dad_failed", false);
    result.temporary = fields.get("temporary", false);
    result.no_prefix_route = !fields.get("foreign", false);
    fields.refuse_unknown_keys();
    return result;
}

/// {"ifindex", "name", "alternative_names": [...], "addresses": [...], "default_routes": false}
inline Link read_link(const Json& json) {
    Fields fields(json);
    Link result = link(fields.get<int>("ifindex"), fields.get<std::string>("name"), {});
    for (const Json& one : fields.list("addresses")) {
        result.addresses.push_back(read_address(one));
    }
    for (const Json& one : fields.list("alternative_names")) {
        result.alternative_names.push_back(one.get<std::string>());
    }
    result.default_route_v4 = fields.get("default_routes", true);
    result.default_route_v6 = result.default_route_v4;
    fields.refuse_unknown_keys();
    return result;
}

inline ProfileStorage read_storage(const std::string& name) {
    return name == "run"       ? ProfileStorage::run
           : name == "usr_lib" ? ProfileStorage::usr_lib
           : name == "memory"  ? ProfileStorage::memory
                               : ProfileStorage::etc;
}

/// {"name", "type", "interface_name", "storage", "file", "stored": [...], "skip", "on": [{"interface",
/// "ifindex", "live": [...], "disturbs", "default": [...]}]}; the uuid is "uuid-NAME".
inline Profile read_profile(const Json& json) {
    Fields fields(json);
    Profile result;
    result.name = fields.get<std::string>("name");
    result.uuid = "uuid-" + result.name;
    result.type = fields.get<std::string>("type", "802-3-ethernet");
    result.interface_name = fields.get<std::string>("interface_name", "");
    const auto storage = fields.get<std::string>("storage", "etc");
    result.storage = read_storage(storage);
    result.filename = fields.get<std::string>("file", "/" + storage + "/" + result.name + ".nmconnection");
    result.stored = mptcp_flags(fields.list("stored"));
    if (fields.has("skip")) {
        result.skip_reason = fields.get<std::string>("skip");
    }
    for (const Json& one : fields.list("on")) {
        Fields device(one);
        result.activations.push_back(
            {.interface = device.get<std::string>("interface"),
             .ifindex = Ifindex{device.get<int>("ifindex")},
             .live = device.has("live") ? mptcp_flags(device.list("live")) : result.stored,
             .reapply_disturbs = device.get("disturbs", false),
             .default_flags =
                 device.has("default") ? std::optional(mptcp_flags(device.list("default"))) : std::nullopt});
        device.refuse_unknown_keys();
    }
    fields.refuse_unknown_keys();
    return result;
}

/// [["192.0.2.1:5000", "192.0.2.77:80"], ...]: the established subflows of one connection.
inline Connection read_connection(const Json& json) {
    Connection result;
    result.state = SocketState::established;
    for (const Json& subflow : json) {
        ConnectionSubflow one =
            established_subflow(subflow.at(0).get<std::string>(), subflow.at(1).get<std::string>());
        one.join = !result.subflows.empty();
        result.subflows.push_back(one);
    }
    return result;
}

/// "why it cannot be read", or {"version", "default_flags": [...], "profiles": [...], "starting": true,
/// "unsettled": [ifindex, ...]}
inline void read_network_manager(const Json& json, ObservedState& state) {
    if (json.is_string()) {
        state.network_manager_error = json.get<std::string>();
        return;
    }
    Fields fields(json);
    NetworkManagerState result;
    result.version = fields.get<std::string>("version", "1.42.4");
    if (fields.has("default_flags")) {
        result.default_flags = mptcp_flags(fields.list("default_flags"));
    }
    for (const Json& one : fields.list("profiles")) {
        result.profiles.push_back(read_profile(one));
    }
    result.is_starting = fields.get("starting", false);
    for (const Json& one : fields.list("unsettled")) {
        result.unsettled.push_back(Ifindex{one.get<int>()});
    }
    fields.refuse_unknown_keys();
    state.network_manager = std::move(result);
}

/// A list of the host's items, each parsed by `read`; a string instead is the reason why it is unknown.
template <class Read>
[[nodiscard]] auto read_list(Fields& fields, const std::string& key, Read read)
    -> Observed<std::vector<decltype(read(Json()))>> {
    std::vector<decltype(read(Json()))> result;
    const Json json = fields.list(key);
    if (json.is_string()) {
        return decltype(read_list(fields, key, read))::unknown(json.get<std::string>());
    }
    for (const Json& one : json) {
        result.push_back(read(one));
    }
    return result;
}

/// {"kernel", "mptcp", "sysctls": {}, "limits": [subflows, add_addr_accepted] | null, "endpoints", "links",
/// "connections", "network_manager", "network_manager_never_ran", "rp_filter": {interface: value}}; all may
/// be left out. A string instead of sysctls, limits, endpoints, links or connections is the reason why they
/// are unknown.
[[nodiscard]] inline ObservedState read_observed(const Json& json) {
    Fields fields(json);
    ObservedState state;
    state.kernel_release = fields.get<std::string>("kernel", "6.18.0");
    state.mptcp_supported = fields.get("mptcp", true);
    const Json sysctls = fields.map("sysctls");
    if (sysctls.is_string()) {
        state.sysctls = decltype(state.sysctls)::unknown(sysctls.get<std::string>());
    } else {
        state.sysctls = sysctls.get<std::map<std::string, std::string>>();
    }
    if (fields.has("limits") && fields.list("limits").is_string()) {
        state.limits = decltype(state.limits)::unknown(fields.get<std::string>("limits"));
    } else if (fields.has("limits")) {
        const auto limits = fields.get<std::vector<std::uint32_t>>("limits");
        state.limits = Limits{limits.at(0), limits.at(1)};
    }
    state.endpoints = read_list(fields, "endpoints", read_endpoint);
    state.links = read_list(fields, "links", read_link);
    state.connections = read_list(fields, "connections", read_connection);
    state.network_manager_never_ran = fields.get("network_manager_never_ran", false);
    const Json rp_filter = fields.map("rp_filter");
    for (const auto& item : rp_filter.items()) {
        state.rp_filter[item.key()] = item.value().get<int>();
    }
    if (fields.has("network_manager")) {
        read_network_manager(fields.get<Json>("network_manager"), state);
    }
    fields.refuse_unknown_keys();
    return state;
}

/// {"sysctls": {name: found}, "limits": {name: found}, "profiles": {uuid: flags}, "endpoints": {key: flags},
/// "stand_ins": {key: flags}, "displaced": [endpoint, ...], "capacity", "limit_maximum", "kept": flags,
/// "dropped": flags}; every source is "old.yaml:1".
[[nodiscard]] inline Ownership read_ownership(const Json& json) {
    Fields fields(json);
    Ownership record;
    const std::string source = "old.yaml:1";
    const Json sysctls = fields.map("sysctls");
    for (const auto& item : sysctls.items()) {
        record.sysctls[item.key()] = {item.value().get<std::string>(), source};
    }
    const Json limits = fields.map("limits");
    for (const auto& item : limits.items()) {
        record.limits[item.key()] = {item.value().get<std::uint32_t>(), source};
    }
    const Json profiles = fields.map("profiles");
    for (const auto& item : profiles.items()) {
        record.profiles[item.key()] = {item.key(), mptcp_flags(item.value()), source};
    }
    const Json endpoints = fields.map("endpoints");
    for (const auto& item : endpoints.items()) {
        record.endpoints[key(item.key())] = {endpoint_flags(item.value()), source};
    }
    const Json stand_ins = fields.map("stand_ins");
    for (const auto& item : stand_ins.items()) {
        record.stand_ins[key(item.key())] = {endpoint_flags(item.value()), source};
    }
    for (const Json& one : fields.list("displaced")) {
        const Endpoint found = read_endpoint(one);
        record.displaced[found.key] = {found, source};
    }
    if (fields.has("capacity")) {
        record.kernel.endpoint_capacity = fields.get<std::uint32_t>("capacity");
    }
    if (fields.has("limit_maximum")) {
        record.kernel.limit_maximum = fields.get<std::uint32_t>("limit_maximum");
    }
    record.kernel.kept_flags = endpoint_flags(fields.list("kept"));
    record.kernel.dropped_flags = endpoint_flags(fields.list("dropped"));
    fields.refuse_unknown_keys();
    return record;
}

/// {"only": ["sysctl", ...], "boot": true, "without_network_manager": true, "tried_too_early": [key, ...]}
[[nodiscard]] inline Scope read_scope(const Json& json) {
    Fields fields(json);
    Scope scope;
    if (fields.has("only")) {
        scope.sections.clear();
        for (const Json& item : fields.list("only")) {
            const auto name = item.get<std::string>();
            scope.sections.insert(
                name == "sysctl"      ? Section::sysctl
                : name == "limits"    ? Section::limits
                : name == "endpoints" ? Section::endpoints
                                      : Section::profiles);
        }
    }
    scope.boot = fields.get("boot", false);
    scope.without_network_manager = fields.get("without_network_manager", false);
    for (const Json& item : fields.list("tried_too_early")) {
        scope.tried_too_early.insert(key(item.get<std::string>()));
    }
    fields.refuse_unknown_keys();
    return scope;
}

} // namespace keeper::test
