// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <chrono>

#include "model/desired_state.hpp"
#include "report/json.hpp"
#include "status/status.hpp"

namespace keeper {

namespace {

template <class T>
Json value_or_null(const std::optional<T>& value) {
    return value ? Json(*value) : Json(nullptr);
}

Json flags_or_null(const std::optional<MptcpFlags>& flags) {
    return flags ? Json(names(*flags)) : Json(nullptr);
}

template <class T>
Json items_json(const std::map<std::string, ItemStatus<T>>& items) {
    Json json = Json::object();
    for (const auto& [name, item] : items) {
        json[name] = {
            {"desired", value_or_null(item.desired)},
            {"observed", value_or_null(item.observed)},
            {"in_sync", item.in_sync},
            {"source", text_or_null(item.source)}};
    }
    return json;
}

Json endpoints_json(const std::vector<EndpointStatus>& endpoints) {
    Json list = Json::array();
    for (const EndpointStatus& endpoint : endpoints) {
        list.push_back(
            {{"address", to_string(endpoint.key.address)},
             {"port", endpoint.key.port == 0 ? Json(nullptr) : Json(endpoint.key.port)},
             {"interface", text_or_null(endpoint.interface)},
             {"flags", names(endpoint.flags)},
             {"id", endpoint.id.value == 0 ? Json(nullptr) : Json(endpoint.id.value)},
             {"owner", to_string(endpoint.owner)},
             {"desired", endpoint.desired},
             {"in_sync", endpoint.in_sync}});
    }
    return list;
}

Json profiles_json(const std::vector<ProfileStatus>& profiles) {
    Json list = Json::array();
    for (const ProfileStatus& profile : profiles) {
        list.push_back(
            {{"uuid", profile.uuid},
             {"name", profile.name},
             {"desired", flags_or_null(profile.desired)},
             {"stored", names(profile.stored)},
             {"live", flags_or_null(profile.live)},
             {"pending", text_or_null(profile.pending)},
             {"in_sync", profile.in_sync},
             {"active", profile.active()},
             {"device", text_or_null(profile.device)},
             {"source", text_or_null(profile.source)}});
    }
    return list;
}

Json skipped_json(const std::vector<SkippedProfile>& skipped) {
    Json list = Json::array();
    for (const SkippedProfile& profile : skipped) {
        list.push_back({{"uuid", profile.uuid}, {"name", profile.name}, {"reason", profile.reason}});
    }
    return list;
}

Json units_json(const std::vector<UnitStatus>& units) {
    Json list = Json::array();
    for (const UnitStatus& unit : units) {
        list.push_back(
            {{"unit", unit.unit},
             {"state", to_string(unit.state)},
             {"reason", text_or_null(unit.reason)},
             {"protocol", to_string(unit.protocol)},
             {"source", unit.source}});
    }
    return list;
}

Json counters_json(const MptcpCounters& counters) {
    Json json = Json::object();
    for (const auto& [name, value] : counters) {
        json[name] = value;
    }
    return json;
}

Json conflicts_json(const DaemonStatus& daemon) {
    Json list = Json::array();
    for (const DaemonRecord::Conflict& conflict : daemon.conflicts) {
        const auto left = std::chrono::ceil<std::chrono::seconds>(conflict.retry_at - daemon.now).count();
        list.push_back(
            {{"resource", conflict.resource},
             {"key", conflict.key},
             {"rival", conflict.rival},
             {"repairs", conflict.repairs},
             {"retry_in_s", std::max<long long>(left, 0)}});
    }
    return list;
}

/// The most recent repairs, the latest last.
Json history_json(const std::vector<PublishedRepair>& history) {
    constexpr std::size_t max_shown = 64;
    Json list = Json::array();
    for (std::size_t index = history.size() - std::min(history.size(), max_shown); index < history.size();
         ++index) {
        list.push_back(json_of(history[index]));
    }
    return list;
}

Json daemon_json(const DaemonStatus& daemon) {
    const Json history = history_json(daemon.history);
    return {
        {"running", daemon.running},
        {"mode", to_string(daemon.mode)},
        {"phase", text_or_null(daemon.phase)},
        {"load_error", text_or_null(daemon.load_error)},
        {"repairs", daemon.repairs},
        {"last_repair", history.empty() ? Json(nullptr) : history.back()},
        {"history", history},
        {"conflicts", conflicts_json(daemon)}};
}

Json try_status_json(const TryStatus& tried) {
    return {
        {"pending", tried.pending},
        {"deadline", tried.deadline ? Json(utc_text(*tried.deadline)) : Json(nullptr)},
        {"file", text_or_null(tried.file)}};
}

} // namespace

std::string status_json(const Status& status) {
    Json json;
    json["in_sync"] = status.in_sync;
    json["loaded"] = status.daemon.loaded;
    json["kernel"] = {{"release", status.kernel_release}, {"mptcp", status.mptcp_supported}};
    json["network_manager"] = {
        {"running", status.network_manager_version.has_value()},
        {"version", value_or_null(status.network_manager_version)}};
    json["sysctl"] = items_json(status.sysctls);
    json["limits"] = items_json(status.limits);
    json["endpoints"] = endpoints_json(status.endpoints);
    json["profiles"] = profiles_json(status.profiles);
    json["skipped"] = skipped_json(status.skipped);
    json["units"] = units_json(status.units);
    json["program_hook"] = {
        {"state", to_string(status.program_hook.state)},
        {"reason", text_or_null(status.program_hook.reason)},
        {"scope", status.program_hook.scope},
        {"excluded", status.program_hook.excluded}};
    json["connections"] = {
        {"mptcp", status.connections.mptcp},
        {"subflows", status.connections.subflows},
        {"fallback", status.connections.fallback}};
    json["counters"] = counters_json(status.counters);
    json["config"] = config_summary_json(status.config.hash, status.daemon.config_hash, status.config.files);
    json["try"] = try_status_json(status.daemon.tried);
    json["daemon"] = daemon_json(status.daemon);
    json["rivals"] = status.daemon.rivals;
    return to_document(json);
}

std::string
invalid_status_json(const std::string& check, const ConfigStatus& config, const DaemonStatus& daemon) {
    Json json = Json::parse(check);
    json["config"] = config_summary_json(config.hash, daemon.config_hash, config.files);
    json["loaded"] = daemon.loaded;
    json["try"] = try_status_json(daemon.tried);
    json["daemon"] = daemon_json(daemon);
    return to_document(json);
}

} // namespace keeper
