// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/daemon_message.hpp"

#include <nlohmann/json.hpp>

namespace keeper {

namespace {

using Json = nlohmann::ordered_json;

std::string to_text(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<ReconcileMode> parse_mode(const std::string& name) {
    for (const ReconcileMode mode : {ReconcileMode::enforce, ReconcileMode::report, ReconcileMode::manual}) {
        if (name == to_string(mode)) {
            return mode;
        }
    }
    return fail("the daemon reported the unknown mode \"" + name + "\"");
}

} // namespace

std::string daemon_request_json(const DaemonRequest& request) {
    Json json = Json::object();
    if (request.fingerprint) {
        json["load"] = *request.fingerprint;
    }
    return to_text(json);
}

Result<DaemonRequest> parse_daemon_request(const std::string& text) {
    try {
        const Json json = Json::parse(text);
        if (!json.is_object()) {
            return fail("invalid request: it is not a JSON object");
        }
        DaemonRequest request;
        if (json.contains("load")) {
            request.fingerprint = json.at("load").get<std::string>();
        }
        return request;
    } catch (const Json::exception& error) {
        return fail(std::string("invalid request: ") + error.what());
    }
}

std::string daemon_reply_json(const DaemonReply& reply) {
    return to_text(
        {{"mode", to_string(reply.mode)},
         {"loaded", reply.fingerprint},
         {"refusal", reply.refusal},
         {"can_try", reply.can_try}});
}

Result<DaemonReply> parse_daemon_reply(const std::string& text) {
    try {
        const Json json = Json::parse(text);
        const auto mode = parse_mode(json.at("mode").get<std::string>());
        if (!mode) {
            return propagate(mode);
        }
        return DaemonReply{
            .mode = *mode,
            .fingerprint = json.at("loaded").get<std::string>(),
            .refusal = json.at("refusal").get<std::string>(),
            .can_try = json.value("can_try", false)};
    } catch (const Json::exception& error) {
        return fail(std::string("invalid reply from the daemon: ") + error.what());
    }
}

} // namespace keeper
