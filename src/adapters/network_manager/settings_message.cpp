// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/network_manager/settings_message.hpp"

#include <string_view>

#include "adapters/network_manager/bus_reader.hpp"

namespace keeper {

namespace {

constexpr std::string_view connection_setting = "connection";
constexpr std::string_view mptcp_flags_property = "mptcp-flags";

void read_connection(BusReader& reader, ConnectionSettings& settings) {
    reader.for_each_property([&](std::string_view property) {
        if (property == "uuid") {
            settings.uuid = reader.text_variant();
        } else if (property == "id") {
            settings.id = reader.text_variant();
        } else if (property == "type") {
            settings.type = reader.text_variant();
        } else if (property == "interface-name") {
            settings.interface_name = reader.text_variant();
        } else if (property == mptcp_flags_property) {
            settings.mptcp_flags = MptcpFlags::from_raw(reader.number_variant().value_or(0));
        } else {
            reader.skip_variant();
        }
    });
}

std::string read_ip_method(BusReader& reader) {
    std::string method;
    reader.for_each_property([&](std::string_view property) {
        if (property == "method") {
            method = reader.text_variant();
        } else {
            reader.skip_variant();
        }
    });
    return method.empty() ? "auto" : method;
}

/// Copies the properties of the setting "connection", with other flags.
void copy_connection(sd_bus_message* to, BusReader& from, MptcpFlags flags, bool& appended) {
    const auto append = [&](int result) { appended = appended && result >= 0; };
    append(sd_bus_message_open_container(to, 'a', "{sv}"));
    from.for_each_property([&](const char* property) {
        if (property == mptcp_flags_property) {
            from.skip_variant();
            return;
        }
        append(sd_bus_message_open_container(to, 'e', "sv"));
        append(sd_bus_message_append_basic(to, 's', property));
        append(sd_bus_message_copy(to, from.message(), 0));
        append(sd_bus_message_close_container(to));
    });
    // NetworkManager omits properties that have their default.
    if (!flags.empty()) {
        append(sd_bus_message_append(to, "{sv}", mptcp_flags_property.data(), "u", flags.raw()));
    }
    append(sd_bus_message_close_container(to));
}

} // namespace

std::optional<ConnectionSettings> read_settings(sd_bus_message* message) {
    ConnectionSettings settings;
    BusReader reader(message);
    reader.for_each_entry("sa{sv}", [&](std::string_view setting) {
        if (setting == connection_setting) {
            read_connection(reader, settings);
        } else if (setting == "ipv4") {
            settings.ipv4_method = read_ip_method(reader);
        } else if (setting == "ipv6") {
            settings.ipv6_method = read_ip_method(reader);
        } else {
            reader.skip("a{sv}");
        }
    });
    return reader.ok() ? std::optional(std::move(settings)) : std::nullopt;
}

bool copy_settings(sd_bus_message* to, sd_bus_message* from, MptcpFlags flags) {
    bool appended = true;
    const auto append = [&](int result) { appended = appended && result >= 0; };
    BusReader reader(from);
    append(sd_bus_message_open_container(to, 'a', "{sa{sv}}"));
    reader.for_each_entry("sa{sv}", [&](const char* setting) {
        append(sd_bus_message_open_container(to, 'e', "sa{sv}"));
        append(sd_bus_message_append_basic(to, 's', setting));
        if (setting == connection_setting) {
            copy_connection(to, reader, flags, appended);
        } else {
            append(sd_bus_message_copy(to, from, 0));
        }
        append(sd_bus_message_close_container(to));
    });
    append(sd_bus_message_close_container(to));
    return reader.ok() && appended;
}

} // namespace keeper
