// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon_record/daemon_record.hpp"

#include <nlohmann/json.hpp>

#include "daemon_record/json.hpp"

namespace keeper {

namespace {

ReconcileMode mode_of(const std::string& name) {
    for (const ReconcileMode mode : {ReconcileMode::report, ReconcileMode::manual}) {
        if (name == to_string(mode)) {
            return mode;
        }
    }
    return ReconcileMode::enforce;
}

Json conflict_json(const DaemonRecord::Conflict& conflict) {
    return {
        {"resource", conflict.resource},
        {"key", conflict.key},
        {"rival", conflict.rival},
        {"repairs", conflict.repairs},
        {"retry_at_ms", conflict.retry_at.count()}};
}

DaemonRecord::Conflict conflict_of(const Json& json) {
    return {
        .resource = json.at("resource").get<std::string>(),
        .key = json.at("key").get<std::string>(),
        .rival = json.at("rival").get<std::string>(),
        .repairs = json.at("repairs").get<std::uint64_t>(),
        .retry_at = std::chrono::milliseconds(json.at("retry_at_ms").get<std::int64_t>())};
}

Json repairs_of_json(const DaemonRecord& record) {
    if (!record.repairs_of) {
        return nullptr;
    }
    Json json = Json::object();
    for (const auto& [resource, number] : *record.repairs_of) {
        json[std::string(to_string(resource))] = number;
    }
    return json;
}

std::optional<std::map<Resource, std::uint64_t>> repairs_of(const Json& json) {
    if (!json.is_object()) {
        return std::nullopt;
    }
    std::map<Resource, std::uint64_t> repairs;
    for (const auto& [name, number] : json.items()) {
        if (const auto resource = parse_resource(name)) { // a newer daemon may have others
            repairs[*resource] = number.get<std::uint64_t>();
        }
    }
    return repairs;
}

Json last_apply_json(const DaemonRecord& record) {
    return record.last_apply
               ? Json{{"time", utc_text(record.last_apply->time)}, {"success", record.last_apply->success}}
               : Json(nullptr);
}

std::optional<RoundResult> last_apply_of(const Json& json) {
    if (!json.is_object()) {
        return std::nullopt;
    }
    const auto time = parse_utc(json.at("time").get<std::string>());
    return time ? std::optional(RoundResult{.time = *time, .success = json.at("success").get<bool>()})
                : std::nullopt;
}

/// Older daemons publish each repair as a string that contains the JSON object.
std::vector<PublishedRepair> history_of(const Json& list) {
    std::vector<PublishedRepair> history;
    for (const Json& entry : list) {
        auto repair =
            parse_repair(entry.is_string() ? Json::parse(entry.get<std::string>(), nullptr, false) : entry);
        if (repair) {
            history.push_back(std::move(*repair));
        }
    }
    return history;
}

} // namespace

std::string daemon_record_json(const DaemonRecord& record) {
    Json json{
        {"pid", record.pid},
        {"start_time", record.start_time},
        {"mode", to_string(record.mode)},
        {"phase", record.phase},
        {"loads", record.loads},
        {"fingerprint", record.fingerprint},
        {"config_hash", record.config_hash},
        {"load_error", record.load_error},
        {"tried_file", record.tried_file},
        {"repairs", record.repairs},
        {"repairs_of", repairs_of_json(record)},
        {"last_apply", last_apply_json(record)},
        {"history", Json::array()},
        {"conflicts", Json::array()}};
    for (const PublishedRepair& repair : record.history) {
        json["history"].push_back(json_of(repair));
    }
    for (const DaemonRecord::Conflict& conflict : record.conflicts) {
        json["conflicts"].push_back(conflict_json(conflict));
    }
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<DaemonRecord> parse_daemon_record(const std::string& text) {
    try {
        const Json json = Json::parse(text);
        DaemonRecord record;
        record.pid = json.at("pid").get<std::int64_t>();
        // Older daemons do not publish it.
        record.start_time = json.value("start_time", std::uint64_t{0});
        record.mode = mode_of(json.at("mode").get<std::string>());
        record.phase = json.at("phase").get<std::string>();
        record.loads = json.at("loads").get<std::uint64_t>();
        record.fingerprint = json.at("fingerprint").get<std::string>();
        record.config_hash = json.value("config_hash", std::string()); // a daemon before an upgrade has none
        record.load_error = json.at("load_error").get<std::string>();
        record.tried_file = json.value("tried_file", std::string());
        record.repairs = json.at("repairs").get<std::uint64_t>();
        record.repairs_of = repairs_of(json.value("repairs_of", Json()));
        record.last_apply = last_apply_of(json.value("last_apply", Json()));
        // A daemon not restarted since an upgrade has none.
        record.history = history_of(json.value("history", Json::array()));
        for (const Json& conflict : json.at("conflicts")) {
            record.conflicts.push_back(conflict_of(conflict));
        }
        return record;
    } catch (const Json::exception& error) {
        return fail(std::string("invalid record of the daemon: ") + error.what());
    }
}

} // namespace keeper
