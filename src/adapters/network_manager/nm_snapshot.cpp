// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/network_manager/nm_snapshot.hpp"

#include <algorithm>
#include <cstdio>
#include <tuple>

#include <fmt/format.h>
#include <net/if.h>

#include "adapters/network_manager/bus_error.hpp"
#include "adapters/network_manager/nm_methods.hpp"
#include "adapters/network_manager/settings_variant.hpp"

namespace keeper {

namespace {

constexpr const char* reason_external =
    "its device was configured by another program; a change would make NetworkManager take over the device";
constexpr const char* reason_volatile = "it exists only until its device disconnects";
constexpr const char* reason_loopback = "MPTCP does not use the loopback interface";

struct ProfileDraft {
    Profile profile;
    std::string path;
    bool found = false;
};

struct ActivationDraft {
    std::size_t profile = 0;
    std::string path; ///< of the device
    ProfileActivation activation;
    bool found = false;
    bool is_unread = false; ///< the device's connection could not be read
};

/// Receives the replies. Shared with pending calls, so that it still exists when they complete late.
struct Draft {
    std::string version;
    std::vector<ProfileDraft> profiles;
    std::vector<ActivationDraft> activations;
    std::optional<Error> error;
};

const char* text_or_empty(const char* text) {
    return text != nullptr ? text : "";
}

/// NM_GENERATED alone is not a reason: automatic profiles ("Wired connection 1") have it too.
std::optional<std::string> skip_reason_of(NMSettingsConnectionFlags flags) {
    if ((flags & NM_SETTINGS_CONNECTION_FLAG_EXTERNAL) != 0) {
        return reason_external;
    }
    if ((flags & NM_SETTINGS_CONNECTION_FLAG_VOLATILE) != 0) {
        return reason_volatile;
    }
    return std::nullopt;
}

void skip_loopback(Profile& profile) {
    if (!profile.skip_reason && (profile.type == "loopback" || profile.interface_name == "lo")) {
        profile.skip_reason = reason_loopback;
    }
}

/// A client that was just created has read all settings itself, so they are not read again.
void read_profile(ProfileDraft& draft, NMRemoteConnection* connection) {
    NMSettingConnection* settings = nm_connection_get_setting_connection(NM_CONNECTION(connection));
    if (settings == nullptr) {
        return; // not visible to us
    }
    guint flags = 0;
    g_object_get(settings, NM_SETTING_CONNECTION_MPTCP_FLAGS, &flags, nullptr);
    Profile& profile = draft.profile;
    profile.name = text_or_empty(nm_setting_connection_get_id(settings));
    profile.type = text_or_empty(nm_setting_connection_get_connection_type(settings));
    profile.interface_name = text_or_empty(nm_setting_connection_get_interface_name(settings));
    profile.stored = MptcpFlags::from_raw(flags);
    skip_loopback(profile);
    draft.found = true;
}

void draft_profiles(NmSession& session, Draft& draft) {
    const GPtrArray* connections = nm_client_get_connections(session.client());
    for (guint i = 0; i < connections->len; ++i) {
        auto* connection = static_cast<NMRemoteConnection*>(connections->pdata[i]);
        ProfileDraft entry;
        entry.path = nm_object_get_path(NM_OBJECT(connection));
        entry.profile.uuid = text_or_empty(nm_connection_get_uuid(NM_CONNECTION(connection)));
        entry.profile.filename = text_or_empty(nm_remote_connection_get_filename(connection));
        entry.profile.storage = storage_of(entry.profile.filename);
        entry.profile.skip_reason = skip_reason_of(nm_remote_connection_get_flags(connection));
        if (session.is_fresh()) {
            read_profile(entry, connection);
        }
        draft.profiles.push_back(std::move(entry));
    }
}

/// The permanent hardware address; empty if NetworkManager has none.
std::string permanent_address_of(NMDevice* device) {
    const char* address = nullptr;
    if (NM_IS_DEVICE_ETHERNET(device)) {
        address = nm_device_ethernet_get_permanent_hw_address(NM_DEVICE_ETHERNET(device));
    } else if (NM_IS_DEVICE_WIFI(device)) {
        address = nm_device_wifi_get_permanent_hw_address(NM_DEVICE_WIFI(device));
    }
    const CharPtr lower(g_ascii_strdown(text_or_empty(address), -1));
    return lower.get();
}

DeviceIdentity identity_of(NMDevice* device, const NetworkManagerConf& conf) {
    return DeviceIdentity{
        .interface = text_or_empty(nm_device_get_iface(device)),
        .type = text_or_empty(nm_device_get_type_description(device)),
        .driver = text_or_empty(nm_device_get_driver(device)),
        .driver_version = text_or_empty(nm_device_get_driver_version(device)),
        .permanent_address = permanent_address_of(device),
        .dhcp_plugin = conf.dhcp_plugin()};
}

void draft_activation(
    NMActiveConnection* active, std::size_t profile, const NetworkManagerConf& conf, Draft& draft) {
    const GPtrArray* devices = nm_active_connection_get_devices(active);
    for (guint i = 0; devices != nullptr && i < devices->len; ++i) {
        auto* device = static_cast<NMDevice*>(devices->pdata[i]);
        const char* interface = nm_device_get_ip_iface(device);
        ActivationDraft entry;
        entry.profile = profile;
        entry.path = nm_object_get_path(NM_OBJECT(device));
        entry.activation.interface =
            text_or_empty(interface != nullptr ? interface : nm_device_get_iface(device));
        entry.activation.ifindex.value =
            static_cast<std::int32_t>(if_nametoindex(entry.activation.interface.c_str()));
        const DeviceIdentity identity = identity_of(device, conf);
        const MptcpFlags by_default = conf.default_flags(&identity);
        if (by_default != conf.default_flags(nullptr)) {
            entry.activation.default_flags = by_default;
        }
        draft.activations.push_back(std::move(entry));
    }
}

void draft_activations(NMClient* client, const NetworkManagerConf& conf, Draft& draft) {
    const GPtrArray* actives = nm_client_get_active_connections(client);
    for (guint i = 0; i < actives->len; ++i) {
        auto* active = static_cast<NMActiveConnection*>(actives->pdata[i]);
        const std::string uuid = text_or_empty(nm_active_connection_get_uuid(active));
        const auto found = std::find_if(draft.profiles.begin(), draft.profiles.end(), [&](const auto& entry) {
            return entry.profile.uuid == uuid;
        });
        if (found == draft.profiles.end()) {
            continue;
        }
        if ((nm_active_connection_get_state_flags(active) & NM_ACTIVATION_STATE_FLAG_EXTERNAL) != 0) {
            found->profile.skip_reason = reason_external;
        }
        if (!found->profile.skip_reason &&
            nm_active_connection_get_state(active) == NM_ACTIVE_CONNECTION_STATE_ACTIVATED) {
            draft_activation(active, static_cast<std::size_t>(found - draft.profiles.begin()), conf, draft);
        }
    }
}

/// An error that means that the object no longer exists, or is not visible to us, is not fatal.
bool is_fatal(const GError& error) {
    return classify(error) != BusFailure::gone && to_error("", error).kind != ErrorKind::not_permitted;
}

void read_profile(ProfileDraft& draft, GVariant* answer) {
    const VariantPtr settings(g_variant_get_child_value(answer, 0));
    Profile& profile = draft.profile;
    profile.uuid = settings_string(settings.get(), "connection", "uuid");
    profile.name = settings_string(settings.get(), "connection", "id");
    profile.type = settings_string(settings.get(), "connection", "type");
    profile.interface_name = settings_string(settings.get(), "connection", "interface-name");
    profile.stored = settings_mptcp_flags(settings.get());
    skip_loopback(profile);
    draft.found = true;
}

void read_activation(
    ActivationDraft& draft, const std::string& uuid, const std::string& version, GVariant* answer) {
    const VariantPtr applied(g_variant_get_child_value(answer, 0));
    // A VPN refers to the device below it, which runs another profile.
    if (settings_string(applied.get(), "connection", "uuid") != uuid) {
        return;
    }
    draft.activation.live = settings_mptcp_flags(applied.get());
    draft.activation.reapply_disturbs = does_reapply_disturb(applied.get(), version);
    draft.found = true;
}

/// Starts the read with that number: first the profiles, then the activations.
void start_read(
    NmSession& session,
    Round& round,
    const std::shared_ptr<Draft>& draft,
    std::size_t index,
    const CallWindow::Finished& finished) {
    const std::size_t profiles = draft->profiles.size();
    if (index < profiles && draft->profiles[index].found) {
        finished();
        return;
    }
    const auto read = [draft, index, profiles, finished](Reply reply) {
        if (!reply) {
            if (is_fatal(*reply.error()) && !draft->error) {
                draft->error = to_error("cannot read NetworkManager's profiles", *reply.error());
            }
            if (index >= profiles) {
                draft->activations[index - profiles].is_unread = true;
            }
        } else if (index < profiles) {
            read_profile(draft->profiles[index], reply->get());
        } else {
            ActivationDraft& activation = draft->activations[index - profiles];
            const std::string& uuid = draft->profiles[activation.profile].profile.uuid;
            read_activation(activation, uuid, draft->version, reply->get());
        }
        finished();
    };
    if (index < profiles) {
        session.call(round, draft->profiles[index].path, get_settings_method, nullptr, read);
    } else {
        const std::string& path = draft->activations[index - profiles].path;
        session.call(round, path, get_applied_connection_method, g_variant_new("(u)", 0U), read);
    }
}

Ifindex ifindex_of(NMDevice* device) {
    const char* interface = nm_device_get_ip_iface(device);
    interface = interface != nullptr ? interface : nm_device_get_iface(device);
    return {static_cast<std::int32_t>(if_nametoindex(text_or_empty(interface)))};
}

bool is_in_transition(NMDevice* device) {
    const NMDeviceState state = nm_device_get_state(device);
    return (state >= NM_DEVICE_STATE_PREPARE && state < NM_DEVICE_STATE_ACTIVATED) ||
           state == NM_DEVICE_STATE_DEACTIVATING;
}

/// The devices whose current profile and flags are not known at the moment.
std::vector<Ifindex> unsettled_devices(NMClient* client, const Draft& draft) {
    std::vector<Ifindex> result;
    const GPtrArray* devices = nm_client_get_devices(client);
    for (guint i = 0; devices != nullptr && i < devices->len; ++i) {
        auto* device = static_cast<NMDevice*>(devices->pdata[i]);
        if (is_in_transition(device)) {
            result.push_back(ifindex_of(device));
        }
    }
    for (const ActivationDraft& entry : draft.activations) {
        if (entry.is_unread || !draft.profiles[entry.profile].found) {
            result.push_back(entry.activation.ifindex);
        }
    }
    std::sort(result.begin(), result.end());
    return result;
}

std::vector<Profile> finish(Draft& draft) {
    for (ActivationDraft& entry : draft.activations) {
        ProfileDraft& owner = draft.profiles[entry.profile];
        if (entry.found && !owner.profile.skip_reason) {
            owner.profile.activations.push_back(std::move(entry.activation));
        }
    }
    std::vector<Profile> profiles;
    for (ProfileDraft& entry : draft.profiles) {
        if (entry.found) {
            auto& activations = entry.profile.activations;
            std::sort(activations.begin(), activations.end(), [](const auto& left, const auto& right) {
                return left.interface < right.interface;
            });
            profiles.push_back(std::move(entry.profile));
        }
    }
    std::sort(profiles.begin(), profiles.end(), [](const Profile& left, const Profile& right) {
        return std::tie(left.name, left.uuid) < std::tie(right.name, right.uuid);
    });
    return profiles;
}

} // namespace

NmVersion parse_nm_version(const std::string& text) {
    NmVersion version;
    if (std::sscanf(text.c_str(), "%u.%u", &version.major, &version.minor) != 2) {
        return {};
    }
    return version;
}

bool can_preserve_external_ip(const std::string& version) {
    return parse_nm_version(version) >= NmVersion{1, 42};
}

bool does_reapply_disturb(GVariant* applied, const std::string& version) {
    const auto ipv4 = ip_method(applied, "ipv4");
    const auto ipv6 = ip_method(applied, "ipv6");
    if (!ipv4 && !ipv6) {
        return false; // a port of another device has no addresses to lose
    }
    // Observed with NetworkManager 1.42: a reapply with any difference restarts DHCP, and on a device with
    // IPv6 it disables and enables IPv6, which removes all its addresses and routes until duplicate address
    // detection has completed again.
    return !can_preserve_external_ip(version) || ipv4 == "auto" || ipv4 == "link-local" ||
           (ipv6 && *ipv6 != "disabled");
}

ProfileStorage storage_of(const std::string& filename) {
    if (filename.empty()) {
        return ProfileStorage::memory;
    }
    // ifcfg-rh keeps its files in /etc/sysconfig.
    if (filename.starts_with("/etc/")) {
        return ProfileStorage::etc;
    }
    if (filename.starts_with("/run/")) {
        return ProfileStorage::run;
    }
    return filename.starts_with("/usr/lib/") ? ProfileStorage::usr_lib : ProfileStorage::unknown;
}

Result<NetworkManagerState>
read_state(NmSession& session, const std::shared_ptr<Round>& round, const NetworkManagerConf& conf) {
    const auto draft = std::make_shared<Draft>();
    draft->version = session.version();
    draft_profiles(session, *draft);
    draft_activations(session.client(), conf, *draft);
    const std::size_t reads = draft->profiles.size() + draft->activations.size();
    const bool in_time =
        session.run_items(*round, reads, [&session, round, draft](std::size_t index, const auto& done) {
            start_read(session, *round, draft, index, done);
        });
    if (!in_time) {
        return fail(no_answer("cannot read NetworkManager's profiles"));
    }
    if (draft->error) {
        return fail(*draft->error);
    }
    NetworkManagerState state;
    state.version = draft->version;
    state.default_flags = conf.default_flags(nullptr);
    state.is_starting = nm_client_get_startup(session.client()) != FALSE;
    state.unsettled = unsettled_devices(session.client(), *draft);
    state.profiles = finish(*draft);
    return state;
}

} // namespace keeper
