#include "report/repairs.hpp"

#include "report/json.hpp"

namespace keeper {

namespace {

std::optional<Resource> resource_of(const std::string& word) {
    for (const Resource resource :
         {Resource::sysctl, Resource::limit, Resource::endpoint, Resource::profile, Resource::unit}) {
        if (word == to_string(resource)) {
            return resource;
        }
    }
    return std::nullopt;
}

/// A text, or nothing where it is missing, null or no text.
std::string text_at(const Json& json, const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

template <class Flags, class Parse>
Flags flags_of(const Json& names, Parse parse) {
    Flags flags;
    for (const Json& name : names) {
        // A bit without a name stands there as "0x40", "default" is no bit: neither is worth a refusal.
        if (const auto flag = name.is_string() ? parse(name.get<std::string>()) : std::nullopt) {
            flags = flags.with(*flag);
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
        endpoint.interface = text_at(json, "interface");
        endpoint.flags = flags_of<EndpointFlags>(json.value("flags", Json::array()), parse_endpoint_flag);
        const auto id = json.find("id");
        endpoint.id.value =
            id != json.end() && id->is_number_unsigned() ? id->get<std::uint8_t>() : std::uint8_t{0};
        return endpoint;
    }
    return {};
}

} // namespace

std::string repair_json(const PublishedRepair& repair) {
    const Json json{
        {"number", repair.number},
        {"time", repair.time ? Json(utc_text(*repair.time)) : Json(nullptr)},
        {"resource", to_string(repair.resource)},
        {"key", repair.key},
        {"name", text_or_null(repair.name)},
        {"before", json_of(repair.before)},
        {"after", json_of(repair.after)},
        {"source", repair.source}};
    return to_text(json);
}

std::optional<PublishedRepair> parse_repair(const std::string& text) {
    const Json json = Json::parse(text, nullptr, false);
    if (!json.is_object() || !json.contains("before") || !json.contains("after")) {
        return std::nullopt;
    }
    const auto resource = resource_of(text_at(json, "resource"));
    if (!resource) {
        return std::nullopt;
    }
    const auto number = json.find("number");
    return PublishedRepair{
        number != json.end() && number->is_number_unsigned() ? number->get<std::uint64_t>() : 0,
        parse_utc(text_at(json, "time")),
        *resource,
        text_at(json, "key"),
        text_at(json, "name"),
        value_of(json["before"]),
        value_of(json["after"]),
        text_at(json, "source")};
}

} // namespace keeper
