// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/ownership_text.hpp"

#include <limits>

#include <nlohmann/json.hpp>

namespace keeper {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint32_t format_version = 1;

Json owned_json(const std::map<SocketAddress, OwnedEndpoint>& endpoints) {
    Json json = Json::object();
    for (const auto& [key, owned] : endpoints) {
        json[to_string(key)] = {{"requested", owned.requested.raw()}, {"source", owned.source}};
    }
    return json;
}

template <class T>
Json baselines_json(const std::map<std::string, Baseline<T>>& baselines) {
    Json json = Json::object();
    for (const auto& [name, baseline] : baselines) {
        json[name] = {{"found", baseline.found}, {"source", baseline.source}};
    }
    return json;
}

Json profiles_json(const std::map<std::string, Ownership::ProfileBaseline>& profiles) {
    Json json = Json::object();
    for (const auto& [uuid, baseline] : profiles) {
        json[uuid] = {{"name", baseline.name}, {"flags", baseline.flags.raw()}, {"source", baseline.source}};
    }
    return json;
}

Json displaced_json(const std::map<SocketAddress, Baseline<Endpoint>>& displaced) {
    Json json = Json::object();
    for (const auto& [key, baseline] : displaced) {
        json[to_string(key)] = {
            {"flags", baseline.found.flags.raw()},
            {"ifindex", baseline.found.ifindex.value},
            {"id", baseline.found.id.value},
            {"source", baseline.source}};
    }
    return json;
}

/// Reads members and keeps the first error; a member that is missing or invalid reads as an empty value.
class Reader {
  public:
    [[nodiscard]] const std::string& problem() const { return problem_; }

    const Json& member(const Json& object, const char* key) {
        static const Json none;
        if (!object.is_object() || !object.contains(key)) {
            complain(quoted(key) + " is missing");
            return none;
        }
        return object[key];
    }

    std::string text(const Json& object, const char* key) {
        const Json& value = member(object, key);
        if (!value.is_string()) {
            complain(quoted(key) + " is not a string");
            return {};
        }
        return value.get<std::string>();
    }

    std::uint32_t number(const Json& object, const char* key, std::uint32_t maximum = any_number) {
        const Json& value = member(object, key);
        if (!value.is_number_unsigned() || value.get<std::uint64_t>() > maximum) {
            complain(quoted(key) + " is not a number from 0 to " + std::to_string(maximum));
            return 0;
        }
        return value.get<std::uint32_t>();
    }

    /// Calls use(key, value) for each member of the object `key`.
    template <class Use>
    void each(const Json& object, const char* key, Use use) {
        const Json& value = member(object, key);
        if (!value.is_object()) {
            complain(quoted(key) + " is not an object");
            return;
        }
        for (const auto& item : value.items()) {
            use(item.key(), item.value());
        }
    }

    SocketAddress endpoint_key(const std::string& text) {
        const std::optional<SocketAddress> key = parse_socket_address(text);
        if (!key) {
            complain(quoted(text) + " is not the address of an endpoint");
        }
        return key.value_or(SocketAddress{});
    }

    void complain(std::string problem) {
        if (problem_.empty()) {
            problem_ = std::move(problem);
        }
    }

    static std::string quoted(const std::string& text) { return "\"" + text + "\""; }

  private:
    static constexpr std::uint32_t any_number = std::numeric_limits<std::uint32_t>::max();
    std::string problem_;
};

/// A name from the file must never lead outside of /proc/sys/net/mptcp.
bool is_sysctl_name(const std::string& name) {
    return !name.empty() &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
}

void read_sysctls(Reader& reader, const Json& json, Ownership& ownership) {
    reader.each(json, "sysctls", [&](const std::string& name, const Json& item) {
        if (!is_sysctl_name(name)) {
            reader.complain(Reader::quoted(name) + " is not a sysctl name");
        }
        ownership.sysctls[name] = {reader.text(item, "found"), reader.text(item, "source")};
    });
}

void read_limits(Reader& reader, const Json& json, Ownership& ownership) {
    reader.each(json, "limits", [&](const std::string& name, const Json& item) {
        if (name != "subflows" && name != "add_addr_accepted") {
            reader.complain(Reader::quoted(name) + " is not a limit");
        }
        ownership.limits[name] = {reader.number(item, "found"), reader.text(item, "source")};
    });
}

void read_profiles(Reader& reader, const Json& json, Ownership& ownership) {
    reader.each(json, "profiles", [&](const std::string& uuid, const Json& item) {
        ownership.profiles[uuid] = {
            .name = reader.text(item, "name"),
            .flags = MptcpFlags::from_raw(reader.number(item, "flags")),
            .source = reader.text(item, "source")};
    });
}

void read_endpoints(
    Reader& reader, const Json& json, const char* key, std::map<SocketAddress, OwnedEndpoint>& result) {
    reader.each(json, key, [&](const std::string& text, const Json& item) {
        result[reader.endpoint_key(text)] = {
            EndpointFlags::from_raw(reader.number(item, "requested")), reader.text(item, "source")};
    });
}

void read_displaced(Reader& reader, const Json& json, Ownership& ownership) {
    reader.each(json, "displaced", [&](const std::string& text, const Json& item) {
        const std::uint32_t ifindex =
            reader.number(item, "ifindex", std::numeric_limits<std::int32_t>::max());
        Endpoint found;
        found.key = reader.endpoint_key(text);
        found.flags = EndpointFlags::from_raw(reader.number(item, "flags"));
        found.ifindex = {static_cast<std::int32_t>(ifindex)};
        found.id = {static_cast<std::uint8_t>(reader.number(item, "id", 255))};
        ownership.displaced[found.key] = {found, reader.text(item, "source")};
    });
}

/// Files of earlier versions have only the first of these.
void read_kernel(Reader& reader, const Json& json, KernelBounds& kernel) {
    if (!reader.member(json, "endpoint_capacity").is_null()) {
        kernel.endpoint_capacity = reader.number(json, "endpoint_capacity", 255);
    }
    if (!json.is_object() || !json.contains("limit_maximum")) {
        return;
    }
    if (!reader.member(json, "limit_maximum").is_null()) {
        kernel.limit_maximum = reader.number(json, "limit_maximum");
    }
    kernel.kept_flags = EndpointFlags::from_raw(reader.number(json, "kept_flags"));
    kernel.dropped_flags = EndpointFlags::from_raw(reader.number(json, "dropped_flags"));
}

/// Removes records of an earlier boot or of another kernel.
void drop_outdated(Ownership& ownership, const std::string& kernel_release, const BootIdentity& now) {
    if (ownership.boot_id != now.boot_id) {
        ownership.endpoints.clear();
        ownership.stand_ins.clear();
        ownership.displaced.clear();
    }
    if (ownership.boot_id != now.boot_id || kernel_release != now.kernel_release) {
        ownership.kernel = {};
    }
    ownership.boot_id = now.boot_id;
}

} // namespace

std::string to_state_text(const Ownership& ownership, const std::string& kernel_release) {
    Json json;
    json["version"] = format_version;
    json["boot_id"] = ownership.boot_id;
    json["kernel_release"] = kernel_release;
    json["sysctls"] = baselines_json(ownership.sysctls);
    json["limits"] = baselines_json(ownership.limits);
    json["profiles"] = profiles_json(ownership.profiles);
    json["endpoints"] = owned_json(ownership.endpoints);
    json["stand_ins"] = owned_json(ownership.stand_ins);
    json["displaced"] = displaced_json(ownership.displaced);
    const KernelBounds& kernel = ownership.kernel;
    json["endpoint_capacity"] = kernel.endpoint_capacity ? Json(*kernel.endpoint_capacity) : Json(nullptr);
    json["limit_maximum"] = kernel.limit_maximum ? Json(*kernel.limit_maximum) : Json(nullptr);
    json["kept_flags"] = kernel.kept_flags.raw();
    json["dropped_flags"] = kernel.dropped_flags.raw();
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<Ownership> from_state_text(std::string_view text, const BootIdentity& now) {
    const Json json = Json::parse(text, nullptr, false);
    if (json.is_discarded()) {
        return fail("not JSON");
    }
    Reader reader;
    if (reader.number(json, "version") != format_version) {
        reader.complain("written by another version of mptcp-keeper");
    }
    Ownership ownership;
    ownership.boot_id = reader.text(json, "boot_id");
    read_sysctls(reader, json, ownership);
    read_limits(reader, json, ownership);
    read_profiles(reader, json, ownership);
    read_endpoints(reader, json, "endpoints", ownership.endpoints);
    read_endpoints(reader, json, "stand_ins", ownership.stand_ins);
    read_displaced(reader, json, ownership);
    read_kernel(reader, json, ownership.kernel);
    drop_outdated(ownership, reader.text(json, "kernel_release"), now);
    if (!reader.problem().empty()) {
        return fail(reader.problem());
    }
    return ownership;
}

} // namespace keeper
