#include "doctor/proposal.hpp"

#include <array>
#include <cctype>

#include "base/text/text.hpp"
#include "doctor/link_kind.hpp"
#include "doctor/role.hpp"
#include "plan/managed_devices.hpp"
#include "plan/network_manager_endpoints.hpp"

namespace keeper::rules {

namespace {

/// For a comment: no character that would end it.
std::string one_line(std::string text) {
    for (char& one : text) {
        const auto byte = static_cast<unsigned char>(one);
        one = byte < 0x20 || byte == 0x7f ? '?' : one;
    }
    return text;
}

/// The flags of a profile for which NetworkManager makes endpoints with those flags.
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

bool makes(MptcpFlags flags, const Link& link, const IpAddress& address) {
    const std::vector<Endpoint> made = endpoints_by_network_manager(flags, link, true);
    return std::any_of(
        made.begin(), made.end(), [&](const Endpoint& endpoint) { return endpoint.key.address == address; });
}

bool is_taken(const Facts& facts, const IpAddress& address) {
    const std::vector<Endpoint> taken = configured_endpoints(facts);
    return std::any_of(taken.begin(), taken.end(), [&](const Endpoint& endpoint) {
        return endpoint.key.address == address;
    });
}

bool is_spare(const Facts& facts, const Link& link, const LinkAddress& one, std::optional<Family> family) {
    return link.up && link.carrier && one.scope == 0 && one.is_usable() && !one.temporary &&
           !one.address.is_loopback() && !one.address.is_link_local() && !is_taken(facts, one.address) &&
           (!family || one.address.family() == *family);
}

/// Where nothing leads off-link, the hosts on the links themselves are the peers.
bool some_lead_off_link(const Facts& facts) {
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

std::string yaml_word(const std::string& word) {
    constexpr std::array<std::string_view, 12> taken{
        "null", "true", "false", "yes", "no", "on", "off", "y", "n", "Null", "True", "False"};
    const bool is_plain = !word.empty() && std::isalpha(static_cast<unsigned char>(word.front())) != 0 &&
                          std::all_of(word.begin(), word.end(), [](unsigned char one) {
                              return std::isalnum(one) != 0 || one == '_' || one == '.' || one == '-';
                          });
    if (is_plain && std::find(taken.begin(), taken.end(), word) == taken.end()) {
        return word;
    }
    std::string quoted = "\"";
    for (const char one : word) {
        quoted += one == '"' || one == '\\' ? std::string("\\") + one : std::string(1, one);
    }
    return quoted + "\"";
}

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

bool is_network_managers(const Facts& facts, const Endpoint& endpoint) {
    const auto devices = managed_devices(facts.desired.value_or(DesiredState{}), facts.host, Scope{});
    const ManagedDevice* maker =
        endpoint.key.port == 0 ? find_maker(devices.or_empty(), endpoint.key) : nullptr;
    return maker != nullptr && maker->activation->ifindex == endpoint.ifindex;
}

bool is_declared(const Facts& facts, const Endpoint& endpoint) {
    return facts.desired && facts.desired->endpoints.contains(endpoint.key);
}

std::optional<std::string> objection_to(const Facts& facts, const Link& link, const LinkAddress& address) {
    const LinkKind kind = kind_of(facts, link);
    if (kind != LinkKind::ordinary && kind != LinkKind::veth) {
        return describe_kind(facts, link);
    }
    if (!some_lead_off_link(facts)) {
        return std::nullopt;
    }
    if (!facts.off_link.contains(address.address)) {
        return kind == LinkKind::veth || has_container_name(link)
                   ? link.name + " is a container's interface"
                   : "no route leads from " + to_string(address.address) + " on " + link.name +
                         " to other networks";
    }
    return std::nullopt;
}

Candidates spare_addresses(const Facts& facts, std::optional<Family> family) {
    Candidates candidates;
    for (const Link& link : facts.host.links.or_empty()) {
        for (const LinkAddress& one : link.addresses) {
            if (!is_spare(facts, link, one, family)) {
                continue;
            }
            if (const auto objection = objection_to(facts, link, one)) {
                const auto& known = candidates.left_out;
                if (std::find(known.begin(), known.end(), *objection) == known.end()) {
                    candidates.left_out.push_back(*objection);
                }
            } else {
                candidates.places.push_back({&link, &one});
            }
        }
    }
    return candidates;
}

std::string left_out_text(const Candidates& candidates) {
    return candidates.left_out.empty() ? "" : "; not proposed: " + joined(candidates.left_out, ", ");
}

bool Proposal::declare_by_profile(const Link& link, const IpAddress& address, EndpointFlags flags) {
    const ManagedLink managed = managed_link(facts_, link.ifindex);
    if (managed.profile == nullptr) {
        return false;
    }
    MptcpFlags wanted = profile_flags(flags, *facts_.host.network_manager);
    if (!makes(wanted, link, address)) {
        wanted = wanted.with(MptcpFlag::also_without_default_route);
    }
    if (!makes(wanted, link, address)) {
        return false;
    }
    const auto [rule, is_new] = rules_.try_emplace(
        managed.profile->uuid, Rule{one_line(managed.profile->name + " on " + link.name), wanted});
    if (!is_new) {
        rule->second.flags = rule->second.flags | wanted;
    }
    return true;
}

void Proposal::declare(const Place& place, EndpointFlags flags) {
    if (declare_by_profile(*place.link, place.address->address, flags)) {
        return;
    }
    // NetworkManager deletes what is bound to a device of its own.
    const bool is_bound = managed_link(facts_, place.link->ifindex).profile == nullptr;
    entries_.push_back(
        "{address: \"" + to_string(place.address->address) + "\"" +
        (is_bound ? ", interface: " + yaml_word(place.link->name) : "") + ", flags: [" +
        joined(names(flags), ", ") + "]}");
}

void Proposal::redeclare(const Endpoint& endpoint, EndpointFlags flags) {
    const Link* link = find_link(facts_.host, endpoint.ifindex);
    const Place place = place_of(facts_, endpoint.key.address);
    const Link* holder = link != nullptr ? link : place.link;
    const bool has_port = endpoint.key.port != 0;
    if (!has_port && holder != nullptr && declare_by_profile(*holder, endpoint.key.address, flags)) {
        return;
    }
    const bool is_bound =
        link != nullptr && (has_port || managed_link(facts_, link->ifindex).profile == nullptr ||
                            endpoint.key.address.is_link_local());
    entries_.push_back(
        "{address: \"" + to_string(endpoint.key.address) + "\"" +
        (has_port ? ", port: " + std::to_string(endpoint.key.port) : "") +
        (is_bound ? ", interface: " + yaml_word(link->name) : "") + ", flags: [" +
        joined(names(flags), ", ") + "]}");
}

void Proposal::remove(const Endpoint& endpoint) {
    entries_.push_back(
        "{address: \"" + to_string(endpoint.key.address) + "\"" +
        (endpoint.key.port != 0 ? ", port: " + std::to_string(endpoint.key.port) : "") + ", state: absent}");
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
        for (const std::string& entry : entries_) {
            text += "\n  - " + entry;
        }
    }
    return text;
}

std::string propose_endpoints(const Facts& facts, EndpointFlags flags, std::optional<Family> family) {
    Proposal proposal(facts);
    for (const Place& place : spare_addresses(facts, family).places) {
        proposal.declare(place, flags);
    }
    return proposal.empty() ? "endpoints:\n  - {address: ADDRESS, interface: INTERFACE, flags: [" +
                                  joined(names(flags), ", ") + "]}"
                            : proposal.yaml();
}

} // namespace keeper::rules
