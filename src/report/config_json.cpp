// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/desired_state.hpp"
#include "report/config_report.hpp"
#include "report/json.hpp"

namespace keeper {

namespace {

Json source_json(const Source& source) {
    return text_or_null(to_string(source));
}

template <class T>
Json declared_json(const T& value, const Source& source) {
    return {{"value", value}, {"source", source_json(source)}};
}

Json sysctls_json(const DesiredState& desired) {
    Json json = Json::object();
    for (const auto& [name, declared] : desired.sysctls) {
        json[name] = declared_json(declared.value, declared.source);
    }
    return json;
}

Json limits_json(const DesiredState& desired) {
    Json json = Json::object();
    if (desired.subflows) {
        json["subflows"] = declared_json(desired.subflows->value, desired.subflows->source);
    }
    if (desired.add_addr_accepted) {
        json["add_addr_accepted"] =
            declared_json(desired.add_addr_accepted->value, desired.add_addr_accepted->source);
    }
    return json;
}

Json match_json(const ProfileMatch& match) {
    Json json = Json::object();
    const auto add = [&](const char* key, const std::vector<std::string>& values) {
        if (!values.empty()) {
            json[key] = values;
        }
    };
    add("name", match.names);
    add("uuid", match.uuids);
    add("interface", match.interfaces);
    add("type", match.types);
    return json;
}

Json profiles_json(const DesiredState& desired) {
    Json list = Json::array();
    for (const ProfileRule& rule : desired.profiles) {
        list.push_back(
            {{"match", match_json(rule.match)},
             {"except", rule.except ? match_json(*rule.except) : Json(nullptr)},
             {"mptcp_flags", rule.flags ? Json(names(*rule.flags)) : Json(nullptr)},
             {"activation", to_string(rule.activation)},
             {"source", source_json(rule.source)}});
    }
    return list;
}

Json endpoints_json(const DesiredState& desired) {
    Json list = Json::array();
    for (const auto& [key, endpoint] : desired.endpoints) {
        list.push_back(
            {{"address", to_string(key.address)},
             {"port", key.port == 0 ? Json(nullptr) : Json(key.port)},
             {"interface", endpoint.interface ? Json(*endpoint.interface) : Json(nullptr)},
             {"flags", names(endpoint.flags)},
             {"id", endpoint.id ? Json(endpoint.id->value) : Json(nullptr)},
             {"state", endpoint.absent ? "absent" : "present"},
             {"source", source_json(endpoint.source)}});
    }
    return list;
}

Json names_json(std::string_view key, const std::map<std::string, Source>& names) {
    Json list = Json::array();
    for (const auto& [name, source] : names) {
        list.push_back({{key, name}, {"source", source_json(source)}});
    }
    return list;
}

Json applications_json(const DesiredState& desired) {
    Json json{{"units", names_json("unit", desired.units)}, {"never", names_json("unit", desired.never)}};
    if (const auto& all = desired.all_programs) {
        json["all"] = declared_json(all->value, all->source);
    }
    json["slices"] = names_json("slice", desired.slices);
    return json;
}

Json metrics_json(const MetricsOutput& metrics) {
    Json json = Json::object();
    if (metrics.textfile) {
        json["textfile"] = declared_json(metrics.textfile->value, metrics.textfile->source);
    }
    if (metrics.counters) {
        json["counters"] = declared_json(metrics.counters->value, metrics.counters->source);
    }
    return json;
}

} // namespace

std::string config_json(const LoadedConfig& config) {
    const DesiredState& desired = config.desired;
    const auto& [mode, interval] = desired.reconcile;
    Json json;
    json["files"] = config.files;
    json["sysctl"] = sysctls_json(desired);
    json["limits"] = limits_json(desired);
    json["profiles"] = profiles_json(desired);
    json["endpoints"] = endpoints_json(desired);
    json["applications"] = applications_json(desired);
    json["metrics"] = metrics_json(desired.metrics);
    json["reconcile"] = {
        {"mode", declared_json(to_string(mode.value), mode.source)},
        {"interval_ms", declared_json(interval.value.count(), interval.source)}};
    return to_document(json);
}

} // namespace keeper
