// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/network_manager/nm_connection.hpp"

#include <array>
#include <string_view>

namespace keeper {

namespace {

/// The objects that state_of() uses announce their changes with these signals, without those that devices
/// send all the time, for example while a laptop scans for Wi-Fi.
constexpr std::array<const char*, 5> object_matches{
    "type='signal',sender='org.freedesktop.NetworkManager',"
    "interface='org.freedesktop.NetworkManager.Settings.Connection'",
    "type='signal',sender='org.freedesktop.NetworkManager',"
    "interface='org.freedesktop.NetworkManager.Connection.Active',member='StateChanged'",
    "type='signal',sender='org.freedesktop.NetworkManager',"
    "interface='org.freedesktop.NetworkManager.Device',member='StateChanged'",
    "type='signal',sender='org.freedesktop.NetworkManager',interface='org.freedesktop.DBus.Properties',"
    "arg0='org.freedesktop.NetworkManager.IP4Config'",
    "type='signal',sender='org.freedesktop.NetworkManager',interface='org.freedesktop.DBus.Properties',"
    "arg0='org.freedesktop.NetworkManager.IP6Config'",
};
/// NewConnection and ConnectionRemoved name the profile.
constexpr const char* settings_match =
    "type='signal',sender='org.freedesktop.NetworkManager',path='/org/freedesktop/NetworkManager/Settings',"
    "interface='org.freedesktop.NetworkManager.Settings'";
constexpr const char* owner_match =
    "type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',member='NameOwnerChanged',"
    "arg0='org.freedesktop.NetworkManager'";

} // namespace

Result<void> NmConnection::open() {
    if (bus_.is_open()) {
        return {};
    }
    objects_.forget();
    if (auto opened = bus_.open(); !opened) {
        return opened;
    }
    if (!subscribe()) {
        bus_.close();
        return fail(ErrorKind::unavailable, "the system message bus closed the connection");
    }
    ++generation_;
    // Signals during the absence of the bus were missed.
    announced_ = announced_.with(Event::network_manager_changed);
    return {};
}

bool NmConnection::subscribe() {
    bool subscribed = bus_.subscribe(settings_match, on_settings_changed, this) &&
                      bus_.subscribe(owner_match, on_owner_changed, this);
    for (const char* match : object_matches) {
        subscribed = subscribed && bus_.subscribe(match, on_object_changed, this);
    }
    return subscribed;
}

void NmConnection::note(const char* path) {
    if (path == nullptr) {
        return;
    }
    switch (objects_.note_change(path)) {
    case NmObjects::Concern::nothing:
        break;
    case NmObjects::Concern::others:
        announced_ = announced_.with(Event::other_profiles_changed);
        break;
    case NmObjects::Concern::known:
        announced_ = announced_.with(Event::profiles_changed);
        break;
    }
}

/// Every user may send signals, and sd-bus does not compare the sender with the well-known name of a match.
bool NmConnection::is_from_network_manager(sd_bus_message* message) const {
    const char* sender = sd_bus_message_get_sender(message);
    return !objects_.is_read() || (sender != nullptr && objects_.owner == sender);
}

int NmConnection::on_object_changed(sd_bus_message* message, void* self, sd_bus_error*) noexcept {
    auto& connection = *static_cast<NmConnection*>(self);
    if (connection.is_from_network_manager(message)) {
        connection.note(sd_bus_message_get_path(message));
    }
    return 0;
}

int NmConnection::on_settings_changed(sd_bus_message* message, void* self, sd_bus_error*) noexcept {
    auto& connection = *static_cast<NmConnection*>(self);
    const char* path = nullptr;
    if (connection.is_from_network_manager(message) &&
        sd_bus_message_read_basic(message, 'o', static_cast<void*>(&path)) > 0) {
        connection.note(path);
    }
    return 0;
}

int NmConnection::on_owner_changed(sd_bus_message* message, void* self, sd_bus_error*) noexcept {
    const char* sender = sd_bus_message_get_sender(message);
    if (sender == nullptr || std::string_view(sender) != "org.freedesktop.DBus") {
        return 0; // another user's signal: only the bus itself has that name
    }
    auto& connection = *static_cast<NmConnection*>(self);
    connection.objects_.forget();
    connection.announced_ = connection.announced_.with(Event::network_manager_changed);
    return 0;
}

} // namespace keeper
