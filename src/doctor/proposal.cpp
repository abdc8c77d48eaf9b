// SPDX-License-Identifier: LGPL-2.1-or-later
#include "doctor/proposal.hpp"

#include <array>

#include "base/text/join.hpp"
#include "base/text/yaml_scalar.hpp"
#include "doctor/declaration.hpp"
#include "doctor/link_kind.hpp"
#include "doctor/role.hpp"
#include "plan/managed_devices.hpp"
#include "plan/network_manager_endpoints.hpp"

namespace keeper::rules {

namespace {

/// The text without characters that would end a comment.
std::string one_line(std::string text) {
    for (char& one : text) {
        const auto byte = static_cast<unsigned char>(one);
        one = byte < 0x20 || byte == 0x7f ? '?' : one;
    }
    return text;
}

/// The profile flags for which NetworkManager creates endpoints with these flags.
MptcpFlags profile_flags(EndpointFlags flags, const NetworkManagerState& manager) {
    MptcpFlags result;
    const std::array<std::pair<EndpointFlag, MptcpFlag>, 5> pairs{
        {{EndpointFlag::signal, MptcpFlag::signal},
         {EndpointFlag::subflow, MptcpFlag::subflow},
         {EndpointFlag::backup, MptcpFlag::backup},
         {EndpointFlag::fullmesh, MptcpFlag::fullmesh},
         {EndpointFlag::laminar, MptcpFlag::laminar}}};
    for (const auto& [from, to] : pairs) {
        if (flags.has(from) && !unsupported_flag(result.with(to), manager)) {
            result = result.with(to);
        }
    }
    return result;
}

bool creates(MptcpFlags flags, const Link& link, const IpAddress& address) {
    const std::vector<Endpoint> created = endpoints_by_network_manager(flags, link, true);
    return std::any_of(created.begin(), created.end(), [&](const Endpoint& endpoint) {
        return endpoint.key.address == address;
    });
}

bool is_endpoint(const Facts& facts, const IpAddress& address) {
    const std::vector<Endpoint> taken = configured_endpoints(facts);
    return std::any_of(taken.begin(), taken.end(), [&](const Endpoint& endpoint) {
        return endpoint.key.address == address;
    });
}

/// How the configuration decides about the address already, so that it is not proposed; std::nullopt if it
/// does not.
std::optional<std::string>
declared_decision(const Facts& facts, const Link& link, const LinkAddress& address) {
    const std::string text = to_string(address.address);
    if (const DesiredEndpoint* declared = declared_endpoint(facts, {address.address, 0})) {
        return text + " is declared" + (declared->absent ? " absent" : "") + " in " +
               to_string(declared->source);
    }
    const ManagedLink managed = managed_link(facts, link.ifindex);
    const ProfileRule* rule = managed.profile == nullptr ? nullptr : rule_for_flags(facts, *managed.profile);
    if (rule == nullptr) {
        return std::nullopt;
    }
    if (!rule->flags || !makes_endpoints(*rule->flags)) {
        return to_string(rule->source) + " declares no endpoints for the profile " +
               one_line(managed.profile->name);
    }
    return creates(*rule->flags, link, address.address)
               ? std::optional(text + " is declared by " + to_string(rule->source))
               : std::nullopt;
}

bool is_unused(const Facts& facts, const Link& link, const LinkAddress& one, std::optional<Family> family) {
    return link.up && link.carrier && one.scope == 0 && one.is_usable() && !one.temporary &&
           !one.address.is_loopback() && !one.address.is_link_local() && !is_endpoint(facts, one.address) &&
           (!family || one.address.family() == *family);
}

/// Whether NetworkManager has a profile active on the interface, and no rule declares it without endpoints or
/// keeps it.
bool accepts_rule(const Facts& facts, const Link& link) {
    const ManagedLink managed = managed_link(facts, link.ifindex);
    const ProfileRule* rule = managed.profile == nullptr ? nullptr : rule_for_flags(facts, *managed.profile);
    return managed.profile != nullptr && (rule == nullptr || (rule->flags && makes_endpoints(*rule->flags)));
}

/// If there is no route beyond the links, the hosts on the links are the peers.
bool has_off_link_path(const Facts& facts) {
    return std::any_of(
        facts.host.links.or_empty().begin(), facts.host.links.or_empty().end(), [&](const Link& link) {
            return std::any_of(link.addresses.begin(), link.addresses.end(), [&](const LinkAddress& one) {
                const LinkKind kind = kind_of(facts, link);
                return (kind == LinkKind::ordinary || kind == LinkKind::veth) &&
                       facts.off_link.contains(one.address);
            });
        });
}

} // namespace

ManagedLink managed_link(const Facts& facts, Ifindex ifindex) {
    if (facts.host.network_manager && knows_mptcp_flags(*facts.host.network_manager)) {
        for (const Profile& profile : facts.host.network_manager->profiles) {
            for (const ProfileActivation& activation : profile.activations) {
                if (!profile.skip_reason && activation.ifindex == ifindex) {
                    return {&profile, &activation};
                }
            }
        }
    }
    return {};
}

MptcpFlags profile_flags_for_role(const Facts& facts) {
    return profile_flags(flags_for_role(facts), *facts.host.network_manager);
}

bool belongs_to_network_manager(const Facts& facts, const Endpoint& endpoint) {
    const auto devices = managed_devices(facts.desired.value_or(DesiredState{}), facts.host, Scope{});
    const ManagedDevice* maker =
        endpoint.key.port == 0 ? find_maker(devices.or_empty(), endpoint.key) : nullptr;
    return maker != nullptr && maker->activation->ifindex == endpoint.ifindex;
}

bool is_declared(const Facts& facts, const Endpoint& endpoint) {
    return facts.desired && facts.desired->endpoints.contains(endpoint.key);
}

std::optional<std::string> path_objection(const Facts& facts, const Link& link, const LinkAddress& address) {
    const LinkKind kind = kind_of(facts, link);
    if (kind != LinkKind::ordinary && kind != LinkKind::veth) {
        return describe_kind(facts, link);
    }
    if (!has_off_link_path(facts)) {
        return std::nullopt;
    }
    if (!facts.off_link.contains(address.address)) {
        return kind == LinkKind::veth || has_container_name(link)
                   ? link.name + " is a container's interface"
                   : to_string(address.address) + " on " + link.name + " has no route to other networks";
    }
    return std::nullopt;
}

Candidates unused_addresses(const Facts& facts, std::optional<Family> family) {
    Candidates candidates;
    for (const Link& link : facts.host.links.or_empty()) {
        for (const LinkAddress& one : link.addresses) {
            if (!is_unused(facts, link, one, family)) {
                continue;
            }
            const auto decision = declared_decision(facts, link, one);
            if (const auto objection = decision ? decision : path_objection(facts, link, one)) {
                const auto& known = candidates.rejected;
                if (std::find(known.begin(), known.end(), *objection) == known.end()) {
                    candidates.rejected.push_back(*objection);
                }
            } else {
                candidates.addresses.push_back({&link, &one});
            }
        }
    }
    return candidates;
}

std::string rejected_text(const Candidates& candidates) {
    return candidates.rejected.empty() ? "" : "; not proposed: " + joined(candidates.rejected, ", ");
}

void Proposal::add_entry(const SocketAddress& key, const std::string& rest) {
    const bool has_port = key.port != 0;
    entries_.try_emplace(
        key,
        "{address: \"" + to_string(key.address) + "\"" +
            (has_port ? ", port: " + std::to_string(key.port) : "") + rest + "}");
}

/// The declared flags of the link's profile; none if no rule decides them.
MptcpFlags Proposal::declared_flags(const Link& link) const {
    const ProfileRule* rule = rule_for_flags(facts_, *managed_link(facts_, link.ifindex).profile);
    return rule != nullptr && rule->flags ? *rule->flags : MptcpFlags{};
}

/// If NetworkManager creates the endpoint, now or as declared, only a rule can change it.
bool Proposal::is_created_on(const Link& link, const SocketAddress& key) const {
    return belongs_to_network_manager(facts_, {key, {}, link.ifindex, {}});
}

bool Proposal::declare_by_profile(const Link& link, const SocketAddress& key, MptcpFlags wanted) {
    const ManagedLink managed = managed_link(facts_, link.ifindex);
    if (!creates(wanted, link, key.address)) {
        wanted = wanted.with(MptcpFlag::also_without_default_route);
    }
    const bool is_created = is_created_on(link, key);
    if (!creates(wanted, link, key.address) ||
        (!is_created && conflicts_with_entry(facts_, *managed.profile, wanted))) {
        return false;
    }
    align_entries(link, key, wanted);
    const auto [rule, is_new] = rules_.try_emplace(
        managed.profile->uuid, Rule{one_line(managed.profile->name + " on " + link.name), wanted});
    if (!is_new) {
        rule->second.flags = rule->second.flags | wanted;
    }
    return true;
}

void Proposal::declare(const AddressOnLink& local, EndpointFlags flags) {
    const Link& link = *local.link;
    const bool is_managed = managed_link(facts_, link.ifindex).profile != nullptr;
    if (is_managed && accepts_rule(facts_, link)) {
        // Other addresses of the profile remain paths as declared.
        const MptcpFlags declared = declared_flags(link);
        MptcpFlags wanted = profile_flags(flags, *facts_.host.network_manager) | declared;
        if (wanted.has(MptcpFlag::signal) && wanted.has(MptcpFlag::fullmesh)) {
            wanted = declared; // the kernel refuses both together
        }
        if (declare_by_profile(link, {local.address->address, 0}, wanted)) {
            return;
        }
    }
    // NetworkManager deletes endpoints that other programs bind to its devices.
    add_entry(
        {local.address->address, 0},
        (is_managed ? "" : ", interface: " + yaml_scalar(link.name)) + ", flags: [" +
            joined(names(flags), ", ") + "]");
}

void Proposal::redeclare(const Endpoint& endpoint, EndpointFlags flags) {
    const Link* link = find_link(facts_.host, endpoint.ifindex);
    const AddressOnLink local = find_address(facts_, endpoint.key.address);
    const Link* holder = local.link != nullptr ? local.link : link;
    const bool has_port = endpoint.key.port != 0;
    const bool has_entry = is_declared_present(facts_, endpoint.key);
    if (has_entry) {
        redeclare_entry(endpoint, flags);
    }
    // If NetworkManager creates an endpoint that an entry declares too, both must agree.
    const bool is_created = holder != nullptr && is_created_on(*holder, endpoint.key);
    const bool may_be_created = holder != nullptr && !has_entry && accepts_rule(facts_, *holder);
    if (!has_port && (is_created || may_be_created)) {
        const MptcpFlags kept{MptcpFlag::also_without_default_route, MptcpFlag::also_without_sysctl};
        const MptcpFlags wanted =
            profile_flags(flags, *facts_.host.network_manager) | (declared_flags(*holder) & kept);
        if (declare_by_profile(*holder, endpoint.key, wanted)) {
            return;
        }
    }
    const bool is_bound =
        link != nullptr && (has_port || managed_link(facts_, link->ifindex).profile == nullptr ||
                            endpoint.key.address.is_link_local());
    add_entry( // no effect if it has one
        endpoint.key,
        (is_bound ? ", interface: " + yaml_scalar(link->name) : "") + ", flags: [" +
            joined(names(flags), ", ") + "]");
}

/// Entries for other addresses for which NetworkManager will create an endpoint with these flags.
void Proposal::align_entries(const Link& link, const SocketAddress& except, MptcpFlags wanted) {
    for (const Endpoint& created : endpoints_by_network_manager(wanted, link, true)) {
        const bool differs = is_declared_present(facts_, created.key) &&
                             declared_endpoint(facts_, created.key)->flags != created.flags;
        if (differs && created.key != except) {
            redeclare_entry(created, created.flags);
        }
    }
}

/// Keeps the rest of the entry, except for the interface: it becomes the one of the given endpoint.
void Proposal::redeclare_entry(const Endpoint& endpoint, EndpointFlags flags) {
    const DesiredEndpoint& declared = *declared_endpoint(facts_, endpoint.key);
    const Link* link = find_link(facts_.host, endpoint.ifindex);
    const bool is_bound =
        link != nullptr && (endpoint.key.port != 0 || endpoint.key.address.is_link_local() ||
                            managed_link(facts_, link->ifindex).profile == nullptr);
    const std::string interface = is_bound ? link->name : declared.interface.value_or("");
    add_entry(
        endpoint.key,
        (interface.empty() ? "" : ", interface: " + yaml_scalar(interface)) + ", flags: [" +
            joined(names(flags), ", ") + "]" +
            (declared.id ? ", id: " + std::to_string(declared.id->value) : ""));
}

void Proposal::remove(const Endpoint& endpoint) {
    add_entry(endpoint.key, ", state: absent");
}

std::string Proposal::yaml() const {
    std::string text;
    if (!rules_.empty()) {
        text = "profiles:";
        for (const auto& [uuid, rule] : rules_) {
            text += "\n  - match: {uuid: " + uuid + "}   # " + rule.comment + "\n    mptcp-flags: [" +
                    joined(names(rule.flags), ", ") + "]";
        }
    }
    if (!entries_.empty()) {
        text += text.empty() ? "endpoints:" : "\nendpoints:";
        for (const auto& [key, entry] : entries_) {
            text += "\n  - " + entry;
        }
    }
    return text;
}

std::string propose_endpoints(const Facts& facts, EndpointFlags flags, std::optional<Family> family) {
    Proposal proposal(facts);
    for (const AddressOnLink& local : unused_addresses(facts, family).addresses) {
        proposal.declare(local, flags);
    }
    if (proposal.empty() &&
        (would_change(facts, Resource::endpoint) || would_change(facts, Resource::profile))) {
        return "mptcp-keeper apply --only endpoints,profiles";
    }
    return proposal.empty() ? "endpoints:\n  - {address: ADDRESS, interface: INTERFACE, flags: [" +
                                  joined(names(flags), ", ") + "]}"
                            : proposal.yaml();
}

} // namespace keeper::rules
