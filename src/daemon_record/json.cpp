// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon_record/json.hpp"

#include <charconv>

#include <nlohmann/json.hpp>

namespace keeper {

namespace {

struct ValueToJson {
    Json operator()(std::monostate) const { return nullptr; }
    Json operator()(const std::string& text) const { return text; }
    Json operator()(std::uint32_t number) const { return number; }
    Json operator()(const EndpointValue& endpoint) const {
        return {
            {"interface", text_or_null(endpoint.interface)},
            {"flags", names(endpoint.flags)},
            {"id", endpoint.id.value == 0 ? Json(nullptr) : Json(endpoint.id.value)}};
    }
    Json operator()(MptcpFlags flags) const { return names(flags); }
};

/// The string at that key; "" if it is missing or not a string.
std::string string_at(const Json& json, const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

template <class Flags, class Parse>
Flags flags_of(const Json& names, Parse parse) {
    Flags flags;
    for (const Json& name : names) {
        const std::string text = name.is_string() ? name.get<std::string>() : "";
        if (const auto flag = parse(text)) { // "default" is not a bit
            flags = flags.with(*flag);
        } else if (text.starts_with("0x")) { // bits without a name
            std::uint32_t bits = 0;
            std::from_chars(text.data() + 2, text.data() + text.size(), bits, 16);
            flags = flags | Flags::from_raw(bits);
        }
    }
    return flags;
}

Value value_of(const Json& json) {
    if (json.is_string()) {
        return json.get<std::string>();
    }
    if (json.is_number_unsigned()) {
        return json.get<std::uint32_t>();
    }
    if (json.is_array()) {
        return flags_of<MptcpFlags>(json, parse_mptcp_flag);
    }
    if (json.is_object()) {
        EndpointValue endpoint;
        endpoint.interface = string_at(json, "interface");
        endpoint.flags = flags_of<EndpointFlags>(json.value("flags", Json::array()), parse_endpoint_flag);
        const auto id = json.find("id");
        endpoint.id.value =
            id != json.end() && id->is_number_unsigned() ? id->get<std::uint8_t>() : std::uint8_t{0};
        return endpoint;
    }
    return {};
}

} // namespace

Json text_or_null(const std::string& text) {
    return text.empty() ? Json(nullptr) : Json(text);
}

Json json_of(const Value& value) {
    return std::visit(ValueToJson{}, value);
}

Json json_of(const PublishedRepair& repair) {
    return {
        {"number", repair.number},
        {"time", repair.time ? Json(utc_text(*repair.time)) : Json(nullptr)},
        {"resource", to_string(repair.resource)},
        {"key", repair.key},
        {"name", text_or_null(repair.name)},
        {"before", json_of(repair.before)},
        {"after", json_of(repair.after)},
        {"source", repair.source}};
}

std::optional<PublishedRepair> parse_repair(const Json& json) {
    if (!json.is_object() || !json.contains("before") || !json.contains("after")) {
        return std::nullopt;
    }
    const auto resource = parse_resource(string_at(json, "resource"));
    if (!resource) {
        return std::nullopt;
    }
    const auto number = json.find("number");
    return PublishedRepair{
        .number = number != json.end() && number->is_number_unsigned() ? number->get<std::uint64_t>() : 0,
        .time = parse_utc(string_at(json, "time")),
        .resource = *resource,
        .key = string_at(json, "key"),
        .name = string_at(json, "name"),
        .before = value_of(json["before"]),
        .after = value_of(json["after"]),
        .source = string_at(json, "source")};
}

} // namespace keeper
