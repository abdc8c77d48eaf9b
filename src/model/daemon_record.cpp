#include "model/daemon_record.hpp"

#include <nlohmann/json.hpp>

#include "model/words.hpp"

namespace keeper {

namespace {

using Json = nlohmann::ordered_json;

ReconcileMode mode_of(const std::string& word) {
    for (const ReconcileMode mode : {ReconcileMode::report, ReconcileMode::manual}) {
        if (word == to_string(mode)) {
            return mode;
        }
    }
    return ReconcileMode::enforce;
}

Json json_of(const DaemonRecord::Conflict& conflict) {
    return {
        {"resource", conflict.resource},
        {"key", conflict.key},
        {"rival", conflict.rival},
        {"repairs", conflict.repairs},
        {"retry_at_ms", conflict.retry_at.count()}};
}

DaemonRecord::Conflict conflict_of(const Json& json) {
    return {
        json.at("resource").get<std::string>(),
        json.at("key").get<std::string>(),
        json.at("rival").get<std::string>(),
        json.at("repairs").get<std::uint64_t>(),
        std::chrono::milliseconds(json.at("retry_at_ms").get<std::int64_t>())};
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
        {"load_error", record.load_error},
        {"repairs", record.repairs},
        {"history", Json::array()},
        {"conflicts", Json::array()}};
    for (const std::string& repair : record.history) {
        json["history"].push_back(repair);
    }
    for (const DaemonRecord::Conflict& conflict : record.conflicts) {
        json["conflicts"].push_back(json_of(conflict));
    }
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<DaemonRecord> parse_daemon_record(const std::string& text) {
    try {
        const Json json = Json::parse(text);
        DaemonRecord record;
        record.pid = json.at("pid").get<std::int64_t>();
        // A daemon of an older release does not publish it.
        record.start_time = json.value("start_time", std::uint64_t{0});
        record.mode = mode_of(json.at("mode").get<std::string>());
        record.phase = json.at("phase").get<std::string>();
        record.loads = json.at("loads").get<std::uint64_t>();
        record.fingerprint = json.at("fingerprint").get<std::string>();
        record.load_error = json.at("load_error").get<std::string>();
        record.repairs = json.at("repairs").get<std::uint64_t>();
        // A daemon that has not been restarted since an upgrade has none.
        record.history = json.value("history", std::vector<std::string>());
        for (const Json& conflict : json.at("conflicts")) {
            record.conflicts.push_back(conflict_of(conflict));
        }
        return record;
    } catch (const Json::exception& error) {
        return fail(std::string("the daemon's record cannot be understood: ") + error.what());
    }
}

} // namespace keeper
