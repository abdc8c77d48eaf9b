// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/monitor_lines.hpp"

#include <fmt/format.h>

#include "report/json.hpp"
#include "report/plan_text.hpp"
#include "report/style.hpp"

namespace keeper {

namespace {

struct EventName {
    const char* text; ///< as iproute2 prints it
    const char* json; ///< the value of "event"
};

std::optional<EventName> name_of(MptcpEventKind kind) {
    switch (kind) {
    case MptcpEventKind::created:
        return EventName{"CREATED", "created"};
    case MptcpEventKind::established:
        return EventName{"ESTABLISHED", "established"};
    case MptcpEventKind::closed:
        return EventName{"CLOSED", "closed"};
    case MptcpEventKind::announced:
        return EventName{"ANNOUNCED", "announced"};
    case MptcpEventKind::removed:
        return EventName{"REMOVED", "removed"};
    case MptcpEventKind::sf_established:
        return EventName{"SF_ESTABLISHED", "sf_established"};
    case MptcpEventKind::sf_closed:
        return EventName{"SF_CLOSED", "sf_closed"};
    case MptcpEventKind::sf_priority:
        return EventName{"SF_PRIO", "sf_priority"};
    case MptcpEventKind::listener_created:
        return EventName{"LISTENER_CREATED", "listener_created"};
    case MptcpEventKind::listener_closed:
        return EventName{"LISTENER_CLOSED", "listener_closed"};
    }
    return std::nullopt;
}

/// "[         CREATED]", as wide as "LISTENER_CREATED".
std::string bracketed(std::string_view name) {
    return fmt::format("[{:>16}]", name);
}

/// MPTCP_PM_EV_FLAG_* in <linux/mptcp_pm.h>, since Linux 6.18.
enum class MptcpEventFlag : std::uint16_t { deny_join_id0 = 1, server_side = 2 };

bool is_set(const MptcpEvent& event, MptcpEventFlag flag) {
    return event.flags && (*event.flags & static_cast<std::uint16_t>(flag)) != 0;
}

/// Depending on its release, a kernel reports this as an attribute, as a flag, or as both.
bool is_server_side(const MptcpEvent& event) {
    return event.server_side.value_or(0) != 0 || is_set(event, MptcpEventFlag::server_side);
}

std::uint16_t unnamed_flags(const MptcpEvent& event) {
    constexpr auto named = static_cast<std::uint16_t>(MptcpEventFlag::server_side) |
                           static_cast<std::uint16_t>(MptcpEventFlag::deny_join_id0);
    return static_cast<std::uint16_t>(event.flags.value_or(0) & ~named);
}

template <class T>
void append(std::string& line, const char* key, const std::optional<T>& value) {
    if (value) {
        line += fmt::format(" {}={}", key, *value);
    }
}

void append_address(
    std::string& line, const char* key, const std::optional<IpAddress>& address, Family family) {
    if (address && address->family() == family) {
        line += fmt::format(" {}{}={}", key, family == Family::ipv4 ? 4 : 6, to_string(*address));
    }
}

IpAddress unmapped(const IpAddress& address) {
    return address.is_v4_mapped() ? *IpAddress::from_bytes(address.bytes().data() + 12, 4) : address;
}

void put_end(
    Json& json,
    const char* key,
    const std::optional<IpAddress>& address,
    const std::optional<std::uint16_t>& port) {
    if (address) {
        json[key] = to_string(SocketAddress{unmapped(*address), port.value_or(0)});
    }
}

template <class T>
void put(Json& json, const char* key, const std::optional<T>& value) {
    if (value) {
        json[key] = *value;
    }
}

} // namespace

std::string timestamp_text(WallTime time) {
    return "[" + local_text(time) + "] ";
}

std::string event_line(const MptcpEvent& event, const InterfaceNames& interfaces) {
    const auto name = name_of(event.kind);
    if (!name) {
        return fmt::format("[UNKNOWN {}]\n", static_cast<unsigned>(event.kind));
    }
    std::string line = bracketed(name->text);
    if (event.token) {
        line += fmt::format(" token={:08x}", *event.token);
    }
    append(line, "remid", event.remote_id);
    append(line, "locid", event.local_id);
    for (const Family family : {Family::ipv4, Family::ipv6}) {
        append_address(line, "saddr", event.local, family);
        append_address(line, "daddr", event.remote, family);
    }
    append(line, "sport", event.local_port);
    append(line, "dport", event.remote_port);
    append(line, "backup", event.backup);
    append(line, "error", event.error);
    append(line, "timeout", event.timeout);
    append(line, "ifindex", event.ifindex);
    if (event.ifindex) {
        const auto found = interfaces.find(*event.ifindex);
        line += " dev=" +
                (found != interfaces.end() ? printable(found->second) : fmt::format("if{}", *event.ifindex));
    }
    append(line, "reset_reason", event.reset_reason);
    if (event.reset_flags) {
        line += fmt::format(" reset_flags={:#x}", *event.reset_flags);
    }
    line += is_server_side(event) ? " server_side" : "";
    line += is_set(event, MptcpEventFlag::deny_join_id0) ? " deny_join_id0" : "";
    if (const std::uint16_t flags = unnamed_flags(event); flags != 0) {
        line += fmt::format(" flags={:#x}", flags);
    }
    return line + "\n";
}

std::string event_json_line(WallTime time, const MptcpEvent& event, const InterfaceNames& interfaces) {
    Json json{{"time", utc_text(time)}};
    if (const auto name = name_of(event.kind)) {
        json["event"] = name->json;
    } else {
        json["event"] = "unknown";
        json["number"] = static_cast<unsigned>(event.kind);
    }
    if (event.token) {
        json["token"] = fmt::format("{:08x}", *event.token);
    }
    put_end(json, "local", event.local, event.local_port);
    put_end(json, "remote", event.remote, event.remote_port);
    put(json, "local_id", event.local_id);
    put(json, "remote_id", event.remote_id);
    if (event.backup) {
        json["backup"] = *event.backup != 0;
    }
    if (event.server_side || event.flags) {
        json["server_side"] = is_server_side(event);
    }
    if (event.flags) {
        json["deny_join_id0"] = is_set(event, MptcpEventFlag::deny_join_id0);
    }
    if (event.ifindex) {
        const auto found = interfaces.find(*event.ifindex);
        json["interface"] = found == interfaces.end() ? Json(nullptr) : Json(found->second);
        json["ifindex"] = *event.ifindex;
    }
    put(json, "error", event.error);
    put(json, "flags", event.flags);
    put(json, "timeout", event.timeout);
    put(json, "reset_reason", event.reset_reason);
    put(json, "reset_flags", event.reset_flags);
    return json_line(json);
}

std::string changed_line(const WatchedChange& change) {
    return fmt::format(
        "{} {}: {} → {}\n",
        bracketed("CHANGED"),
        printable(title_of(change.resource, change.key, change.name)),
        text_of(change.before),
        text_of(change.after));
}

std::string changed_json_line(WallTime time, const WatchedChange& change) {
    Json json{
        {"time", utc_text(time)},
        {"event", "changed"},
        {"resource", to_string(change.resource)},
        {"key", change.key}};
    if (change.resource == Resource::profile) {
        json["name"] = change.name;
    }
    json["before"] = json_of(change.before);
    json["after"] = json_of(change.after);
    return json_line(json);
}

std::string repaired_line(const PublishedRepair& repair, std::uint64_t others) {
    std::string line = fmt::format(
        "{} {}: {} → {}",
        bracketed("REPAIRED"),
        printable(title_of(repair.resource, repair.key, repair.name)),
        text_of(repair.before),
        text_of(repair.after));
    if (!repair.source.empty()) {
        line += " (" + printable(repair.source) + ")";
    }
    if (others > 0) {
        line += " and " + count_of(others, "earlier repair", "earlier repairs");
    }
    return line + "\n";
}

std::string repaired_json_line(WallTime time, const PublishedRepair& repair, std::uint64_t others) {
    Json json{
        {"time", utc_text(time)},
        {"event", "repaired"},
        {"number", repair.number},
        {"resource", to_string(repair.resource)},
        {"key", repair.key}};
    if (repair.resource == Resource::profile) {
        json["name"] = repair.name;
    }
    json["before"] = json_of(repair.before);
    json["after"] = json_of(repair.after);
    json["source"] = repair.source;
    if (others > 0) {
        json["others"] = others;
    }
    return json_line(json);
}

std::string overrun_line() {
    return bracketed("OVERRUN") + " the kernel dropped events: they were not read in time\n";
}

std::string overrun_json_line(WallTime time) {
    return json_line({{"time", utc_text(time)}, {"event", "overrun"}});
}

} // namespace keeper
