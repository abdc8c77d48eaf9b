// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <set>

#include "base/text/printable.hpp"
#include "base/text/yaml_scalar.hpp"
#include "export/export_items.hpp"
#include "model/endpoint_use.hpp"
#include "plan/managed_devices.hpp"
#include "plan/profile_match.hpp"

namespace keeper::export_items {

namespace {

struct StoredProfile {
    std::string name;
    std::string uuid;
    MptcpFlags flags;
    std::vector<std::string> found_at;
    bool deferred = false; ///< the live device still uses other flags
};

/// Matches by name if only one profile has it and it contains no glob characters, else by UUID.
std::string match_of(const StoredProfile& profile, const std::multiset<std::string>& names) {
    const bool is_plain = profile.name.find_first_of("*?[\\") == std::string::npos && !profile.name.empty() &&
                          printable(profile.name) == profile.name;
    if (is_plain && names.count(profile.name) == 1) {
        return "{name: " + yaml_scalar(profile.name) + "}";
    }
    return "{uuid: " + yaml_scalar(profile.uuid) + "}";
}

std::string location_of(const Profile& profile) {
    return profile.filename.empty() ? "profile \"" + profile.name + "\", in memory only" : profile.filename;
}

/// The rule of mptcp-keeper's own configuration that sets the profile's flags, or nullptr.
const ProfileRule* declaring_rule(const ExportFacts& facts, const Profile& profile) {
    const ProfileRule* rule =
        facts.declared != nullptr ? deciding_rule(facts.declared->profiles, profile) : nullptr;
    return rule != nullptr && rule->flags ? rule : nullptr;
}

std::vector<StoredProfile> live_profiles(const ExportFacts& facts, std::multiset<std::string>& names) {
    std::vector<StoredProfile> result;
    for (const Profile& profile : facts.observed->network_manager->profiles) {
        names.insert(profile.name);
        const ProfileRule* rule = declaring_rule(facts, profile);
        if (profile.skip_reason || (profile.stored.empty() && rule == nullptr)) {
            continue;
        }
        StoredProfile stored{profile.name, profile.uuid, profile.stored, {location_of(profile)}, false};
        if (rule != nullptr) {
            stored.found_at.push_back(to_string(rule->source));
            stored.deferred = rule->activation == Activation::defer;
        }
        for (const ProfileActivation& activation : profile.activations) {
            if (activation.live != profile.stored) {
                stored.deferred = true;
                stored.found_at.push_back(
                    activation.interface + " still uses " + to_string(activation.live) +
                    "; `nmcli connection up uuid " + profile.uuid + "` applies the stored flags");
            }
        }
        result.push_back(std::move(stored));
    }
    return result;
}

std::vector<StoredProfile> profiles_on_disk(const ExportFacts& facts, std::multiset<std::string>& names) {
    std::vector<StoredProfile> result;
    for (const KeyfileProfile& file : facts.keyfiles) {
        names.insert(file.name);
        if (!file.flags.empty()) {
            result.push_back(
                {file.name, file.uuid, file.flags, {file.file + ":" + std::to_string(file.line)}, false});
        }
    }
    return result;
}

std::string interface_of(const ExportFacts& facts, const Endpoint& endpoint) {
    const Link* link = find_link(*facts.observed, endpoint.ifindex);
    return link != nullptr ? link->name : "";
}

std::string endpoint_yaml(
    const SocketAddress& key,
    const std::string& interface,
    EndpointFlags flags,
    std::optional<EndpointId> id) {
    std::string text = "- {address: " + yaml_scalar(to_string(key.address));
    text += key.port != 0 ? ", port: " + std::to_string(key.port) : "";
    text += interface.empty() ? "" : ", interface: " + yaml_scalar(interface);
    text += ", flags: " + yaml_list(names(flags));
    text += id ? ", id: " + std::to_string(id->value) : "";
    return text + "}";
}

std::vector<std::string> lines_that_add(const ExportFacts& facts, const SocketAddress& key) {
    std::vector<std::string> places;
    for (const EndpointLine& line : facts.endpoint_lines) {
        if (line.key == key) {
            places.push_back(line.file + ":" + std::to_string(line.line));
        }
    }
    return places;
}

/// While NetworkManager does not answer, the owner of such an endpoint is unknown.
bool may_belong_to_network_manager(const ExportFacts& facts, const Endpoint& endpoint) {
    const auto& devices = facts.network_manager_devices;
    return !facts.observed->network_manager && endpoint.key.port == 0 &&
           facts.ownership.endpoints.count(endpoint.key) == 0 &&
           std::find(devices.begin(), devices.end(), endpoint.ifindex) != devices.end();
}

/// mptcpd makes its endpoints of addresses of interfaces, all with the same flags; one that was added by hand
/// can look the same.
bool may_be_mptcpds(const ExportFacts& facts, const Endpoint& endpoint) {
    const bool is_declared = facts.declared != nullptr && facts.declared->endpoints.count(endpoint.key) != 0;
    return facts.mptcpd && endpoint.flags == facts.mptcpd->flags && endpoint.key.port == 0 &&
           endpoint.ifindex.value != 0 && !is_declared &&
           facts.ownership.endpoints.count(endpoint.key) == 0 && lines_that_add(facts, endpoint.key).empty();
}

/// Why the endpoint has no effect; empty if it has one.
std::string why_without_effect(const ExportFacts& facts, const Endpoint& endpoint) {
    if (!have_effect(endpoint.flags)) {
        return std::string("it has ") + (endpoint.flags.empty() ? "no flags" : "only the flag backup") +
               ", so the kernel neither announces it nor opens subflows from it: add signal or subflow, or remove it";
    }
    if (endpoint.ifindex.value != 0 && find_link(*facts.observed, endpoint.ifindex) == nullptr) {
        return "its interface (index " + std::to_string(endpoint.ifindex.value) + ") does not exist";
    }
    return "";
}

Item endpoint_item(
    const ExportFacts& facts, const Endpoint& endpoint, const std::vector<ManagedDevice>& devices) {
    Item item{"endpoints", {}, lines_that_add(facts, endpoint.key), ""};
    std::optional<EndpointId> id;
    if (facts.declared != nullptr) {
        const auto declared = facts.declared->endpoints.find(endpoint.key);
        if (declared != facts.declared->endpoints.end()) {
            item.found_at.push_back(to_string(declared->second.source));
            id = declared->second.id ? std::optional(endpoint.id) : std::nullopt;
        }
    }
    if (item.found_at.empty()) {
        item.found_at.push_back("the running kernel; no file that adds it was found");
    }
    std::string interface = interface_of(facts, endpoint);
    const bool is_managed = std::any_of(devices.begin(), devices.end(), [&](const ManagedDevice& device) {
        return device.activation->interface == interface;
    });
    if (is_managed && endpoint.key.port == 0 && !endpoint.key.address.is_link_local()) {
        item.found_at.push_back(
            "interface " + interface + " is left out: NetworkManager would delete an endpoint bound to it");
        interface.clear();
    }
    item.left_out = why_without_effect(facts, endpoint);
    if (may_belong_to_network_manager(facts, endpoint)) {
        item.left_out = "NetworkManager is not running and may have created it on " + interface +
                        ": start NetworkManager, then export again";
    }
    if (item.left_out.empty() && may_be_mptcpds(facts, endpoint)) {
        item.left_out =
            name_of_mptcpd(*facts.mptcpd) +
            " adds such endpoints for the addresses of interfaces: remove the # to keep this one without mptcpd";
    }
    item.yaml = {endpoint_yaml(endpoint.key, interface, endpoint.flags, id)};
    return item;
}

void add_endpoints_of_kernel(const ExportFacts& facts, Items& items) {
    const std::vector<ManagedDevice> devices = managed_devices({}, *facts.observed, Scope{}).or_empty();
    for (const Endpoint& endpoint : facts.observed->endpoints.or_empty()) {
        const ManagedDevice* maker = find_maker(devices, endpoint.key);
        const bool is_owned_by_network_manager =
            maker != nullptr || facts.ownership.stand_ins.count(endpoint.key) != 0;
        if (endpoint.is_implicit()) {
            continue;
        }
        if (!is_owned_by_network_manager) {
            items.push_back(endpoint_item(facts, endpoint, devices));
        } else if (!lines_that_add(facts, endpoint.key).empty()) {
            Item item = endpoint_item(facts, endpoint, {});
            item.left_out = "NetworkManager creates it" +
                            (maker != nullptr ? " from profile " + quoted_name(maker->profile->name) : "");
            items.push_back(std::move(item));
        }
    }
}

/// An endpoint that was found only in a file.
Item endpoint_on_disk(const ExportFacts& facts, const EndpointLine& line) {
    Item item{
        "endpoints",
        {endpoint_yaml(line.key, line.interface, line.flags, std::nullopt)},
        lines_that_add(facts, line.key),
        ""};
    if (facts.observed != nullptr) {
        item.left_out = "the kernel does not have it, so apply would add it: remove the # to declare it";
    }
    return item;
}

} // namespace

void add_profiles(const ExportFacts& facts, Items& items) {
    std::multiset<std::string> names_in_use;
    const bool is_live = facts.observed != nullptr && facts.observed->network_manager.has_value();
    const std::vector<StoredProfile> profiles =
        is_live ? live_profiles(facts, names_in_use) : profiles_on_disk(facts, names_in_use);
    for (const StoredProfile& profile : profiles) {
        Item item{
            "profiles",
            {"- match: " + match_of(profile, names_in_use),
             "  mptcp-flags: " + yaml_list(names(profile.flags))},
            profile.found_at,
            ""};
        if (profile.deferred) {
            item.yaml.push_back("  activation: defer");
        }
        if (facts.observed != nullptr && !is_live) {
            item.left_out =
                "apply requires NetworkManager, which is not running: start it, then export again";
        }
        items.push_back(std::move(item));
    }
}

void add_endpoints(const ExportFacts& facts, Items& items) {
    if (facts.observed != nullptr) {
        add_endpoints_of_kernel(facts, items);
    }
    std::set<SocketAddress> seen;
    for (const EndpointLine& line : facts.endpoint_lines) {
        const Endpoint* present =
            facts.observed != nullptr ? find_endpoint(*facts.observed, line.key) : nullptr;
        if ((present == nullptr || present->is_implicit()) && seen.insert(line.key).second) {
            items.push_back(endpoint_on_disk(facts, line));
        }
    }
    for (const std::string& place : facts.computed_endpoint_lines) {
        items.push_back(
            {"endpoints",
             {},
             {place},
             "its address is known only when the command runs; use a profiles rule instead"});
    }
}

} // namespace keeper::export_items
