#include "doctor/proposal.hpp"

#include <array>
#include <cctype>

#include "base/text/text.hpp"
#include "doctor/declaration.hpp"
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

/// Why the declaration keeps the address from being proposed: it decides over it already. Nothing where it
/// does not.
std::optional<std::string> decision_about(const Facts& facts, const Link& link, const LinkAddress& address) {
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
    return makes(*rule->flags, link, address.address)
               ? std::optional(text + " is declared by " + to_string(rule->source))
               : std::nullopt;
}

bool is_spare(const Facts& facts, const Link& link, const LinkAddress& one, std::optional<Family> family) {
    return link.up && link.carrier && one.scope == 0 && one.is_usable() && !one.temporary &&
           !one.address.is_loopback() && !one.address.is_link_local() && !is_taken(facts, one.address) &&
           (!family || one.address.family() == *family);
}

/// NetworkManager runs a profile on the interface, and no rule declares that it makes no endpoints for it or
/// is left as it is.
bool has_room_for_rule(const Facts& facts, const Link& link) {
    const ManagedLink managed = managed_link(facts, link.ifindex);
    const ProfileRule* rule = managed.profile == nullptr ? nullptr : rule_for_flags(facts, *managed.profile);
    return managed.profile != nullptr && (rule == nullptr || (rule->flags && makes_endpoints(*rule->flags)));
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
    const bool is_plain =
        !word.empty() && std::isalpha(static_cast<unsigned char>(word.front())) != 0 &&
        std::all_of(word.begin(), word.end(), [](unsigned char one) {
            return std::isalnum(one) != 0 || one == '_' || one == '.' || one == '-' || one == '@';
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
            const auto decision = decision_about(facts, link, one);
            if (const auto objection = decision ? decision : objection_to(facts, link, one)) {
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

void Proposal::add_entry(const EndpointKey& key, const std::string& rest) {
    const bool has_port = key.port != 0;
    entries_.try_emplace(
        key,
        "{address: \"" + to_string(key.address) + "\"" +
            (has_port ? ", port: " + std::to_string(key.port) : "") + rest + "}");
}

/// The declared flags of the link's profile; none where no rule decides.
MptcpFlags Proposal::declared_flags(const Link& link) const {
    const ProfileRule* rule = rule_for_flags(facts_, *managed_link(facts_, link.ifindex).profile);
    return rule != nullptr && rule->flags ? *rule->flags : MptcpFlags{};
}

/// Where NetworkManager makes the endpoint now, or will as declared, only a rule changes it.
bool Proposal::is_made_on(const Link& link, const EndpointKey& key) const {
    return is_network_managers(facts_, {key, {}, link.ifindex, {}});
}

bool Proposal::declare_by_profile(const Link& link, const EndpointKey& key, MptcpFlags wanted) {
    const ManagedLink managed = managed_link(facts_, link.ifindex);
    if (!makes(wanted, link, key.address)) {
        wanted = wanted.with(MptcpFlag::also_without_default_route);
    }
    const bool is_made = is_made_on(link, key);
    if (!makes(wanted, link, key.address) || (!is_made && meets_an_entry(facts_, *managed.profile, wanted))) {
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

void Proposal::declare(const Place& place, EndpointFlags flags) {
    const Link& link = *place.link;
    const bool is_managed = managed_link(facts_, link.ifindex).profile != nullptr;
    if (is_managed && has_room_for_rule(facts_, link)) {
        // Other addresses of the profile are paths as declared, and stay so.
        const MptcpFlags declared = declared_flags(link);
        MptcpFlags wanted = profile_flags(flags, *facts_.host.network_manager) | declared;
        if (wanted.has(MptcpFlag::signal) && wanted.has(MptcpFlag::fullmesh)) {
            wanted = declared; // the kernel refuses both together
        }
        if (declare_by_profile(link, {place.address->address, 0}, wanted)) {
            return;
        }
    }
    // NetworkManager deletes what is bound to a device of its own.
    add_entry(
        {place.address->address, 0},
        (is_managed ? "" : ", interface: " + yaml_word(link.name)) + ", flags: [" +
            joined(names(flags), ", ") + "]");
}

void Proposal::redeclare(const Endpoint& endpoint, EndpointFlags flags) {
    const Link* link = find_link(facts_.host, endpoint.ifindex);
    const Place place = place_of(facts_, endpoint.key.address);
    const Link* holder = place.link != nullptr ? place.link : link;
    const bool has_port = endpoint.key.port != 0;
    const bool has_entry = is_declared_present(facts_, endpoint.key);
    if (has_entry) {
        redeclare_entry(endpoint, flags);
    }
    // Where NetworkManager makes what an entry declares, both have to say the same.
    const bool is_made = holder != nullptr && is_made_on(*holder, endpoint.key);
    const bool may_be_made = holder != nullptr && !has_entry && has_room_for_rule(facts_, *holder);
    if (!has_port && (is_made || may_be_made)) {
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
    add_entry( // unless it has one
        endpoint.key,
        (is_bound ? ", interface: " + yaml_word(link->name) : "") + ", flags: [" +
            joined(names(flags), ", ") + "]");
}

/// Entries for other addresses for which NetworkManager will make an endpoint with those flags.
void Proposal::align_entries(const Link& link, const EndpointKey& but_for, MptcpFlags wanted) {
    for (const Endpoint& made : endpoints_by_network_manager(wanted, link, true)) {
        const bool differs =
            is_declared_present(facts_, made.key) && declared_endpoint(facts_, made.key)->flags != made.flags;
        if (differs && made.key != but_for) {
            redeclare_entry(made, made.flags);
        }
    }
}

/// The rest of the entry stays as it is, but for the interface: it is the one that the endpoint is to have.
void Proposal::redeclare_entry(const Endpoint& endpoint, EndpointFlags flags) {
    const DesiredEndpoint& declared = *declared_endpoint(facts_, endpoint.key);
    const Link* link = find_link(facts_.host, endpoint.ifindex);
    const bool is_bound =
        link != nullptr && (endpoint.key.port != 0 || endpoint.key.address.is_link_local() ||
                            managed_link(facts_, link->ifindex).profile == nullptr);
    const std::string interface = is_bound ? link->name : declared.interface.value_or("");
    add_entry(
        endpoint.key,
        (interface.empty() ? "" : ", interface: " + yaml_word(interface)) + ", flags: [" +
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
    for (const Place& place : spare_addresses(facts, family).places) {
        proposal.declare(place, flags);
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
