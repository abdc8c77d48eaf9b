// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/config_hash.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "config/sha256.hpp"

namespace keeper {

namespace {

/// Objects sort their keys.
using SortedJson = nlohmann::json;

constexpr std::string_view hash_prefix = "sha256:";

/// Leaves out what is empty: null, [] and {}.
void add_unless_empty(SortedJson& object, const char* key, SortedJson value) {
    if (!value.empty()) {
        object[key] = std::move(value);
    }
}

SortedJson sorted_values(std::vector<std::string> values) {
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    return values;
}

SortedJson sorted_names(const std::map<std::string, Source>& names) {
    SortedJson list = SortedJson::array();
    for (const auto& [name, source] : names) {
        list.push_back(name);
    }
    return list;
}

SortedJson canonical_sysctls(const std::map<std::string, Declared<std::string>>& sysctls) {
    SortedJson json = SortedJson::object();
    for (const auto& [name, declared] : sysctls) {
        json[name] = declared.value;
    }
    return json;
}

template <class T>
void add_if_declared(SortedJson& object, const char* key, const std::optional<Declared<T>>& declared) {
    if (declared) {
        object[key] = declared->value;
    }
}

SortedJson canonical_match(const ProfileMatch& match) {
    const auto& [names, uuids, interfaces, types] = match;
    SortedJson json = SortedJson::object();
    add_unless_empty(json, "name", sorted_values(names));
    add_unless_empty(json, "uuid", sorted_values(uuids));
    add_unless_empty(json, "interface", sorted_values(interfaces));
    add_unless_empty(json, "type", sorted_values(types));
    return json;
}

SortedJson canonical_rule(const ProfileRule& rule) {
    const auto& [match, except, flags, activation, source] = rule;
    SortedJson json{
        {"match", canonical_match(match)},
        {"mptcp-flags", flags ? SortedJson(names(*flags)) : SortedJson(nullptr)}};
    if (except) {
        json["except"] = canonical_match(*except);
    }
    if (activation != ProfileRule{}.activation) {
        json["activation"] = to_string(activation);
    }
    return json;
}

/// The order of rules has a meaning.
SortedJson canonical_profiles(const std::vector<ProfileRule>& rules) {
    SortedJson list = SortedJson::array();
    for (const ProfileRule& rule : rules) {
        list.push_back(canonical_rule(rule));
    }
    return list;
}

/// Of an absent endpoint only the address and the port have a meaning. What only a reset sets is not part of
/// a configuration.
SortedJson canonical_endpoint(const SocketAddress& key, const DesiredEndpoint& endpoint) {
    const auto& [interface, flags, id, absent, source, accepts_network_managers] = endpoint;
    SortedJson json{{"address", to_string(key.address)}};
    if (key.port != 0) {
        json["port"] = key.port;
    }
    if (absent) {
        json["state"] = "absent";
        return json;
    }
    json["flags"] = names(flags);
    if (interface) {
        json["interface"] = *interface;
    }
    if (id) {
        json["id"] = id->value;
    }
    return json;
}

SortedJson canonical_endpoints(const std::map<SocketAddress, DesiredEndpoint>& endpoints) {
    SortedJson list = SortedJson::array();
    for (const auto& [key, endpoint] : endpoints) {
        list.push_back(canonical_endpoint(key, endpoint));
    }
    return list;
}

SortedJson canonical_metrics(const MetricsOutput& metrics) {
    const auto& [textfile, counters] = metrics;
    SortedJson json = SortedJson::object();
    add_if_declared(json, "textfile", textfile);
    if (counters && counters->value) {
        json["counters"] = true;
    }
    return json;
}

SortedJson canonical_reconcile(const Reconcile& reconcile) {
    const auto& [mode, interval] = reconcile;
    const Reconcile defaults;
    SortedJson json = SortedJson::object();
    if (mode.value != defaults.mode.value) {
        json["mode"] = to_string(mode.value);
    }
    if (interval.value != defaults.interval.value) {
        json["interval_ms"] = interval.value.count();
    }
    return json;
}

} // namespace

/// The structured bindings name every member, so that a new one that is missing here does not compile.
std::string canonical_text(const DesiredState& desired) {
    const auto& [sysctls, subflows, add_addr_accepted, profiles, endpoints, units, never, slices, all, metrics, reconcile] =
        desired;
    SortedJson limits = SortedJson::object();
    add_if_declared(limits, "subflows", subflows);
    add_if_declared(limits, "add_addr_accepted", add_addr_accepted);

    SortedJson applications = SortedJson::object();
    add_unless_empty(applications, "units", sorted_names(units));
    add_unless_empty(applications, "never", sorted_names(never));
    add_unless_empty(applications, "slices", sorted_names(slices));
    if (all && all->value) {
        applications["all"] = true;
    }

    SortedJson json{{"version", config_version}};
    add_unless_empty(json, "sysctl", canonical_sysctls(sysctls));
    add_unless_empty(json, "limits", std::move(limits));
    add_unless_empty(json, "profiles", canonical_profiles(profiles));
    add_unless_empty(json, "endpoints", canonical_endpoints(endpoints));
    add_unless_empty(json, "applications", std::move(applications));
    add_unless_empty(json, "metrics", canonical_metrics(metrics));
    add_unless_empty(json, "reconcile", canonical_reconcile(reconcile));
    return json.dump(-1, ' ', true, SortedJson::error_handler_t::replace);
}

std::string config_hash(const DesiredState& desired) {
    return std::string(hash_prefix) + sha256(canonical_text(desired));
}

std::string short_hash(std::string_view hash) {
    constexpr std::size_t shown_digits = 12;
    hash.remove_prefix(hash.starts_with(hash_prefix) ? hash_prefix.size() : 0);
    return std::string(hash.substr(0, shown_digits));
}

} // namespace keeper
