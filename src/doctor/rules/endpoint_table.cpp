#include <algorithm>

#include "doctor/declaration.hpp"
#include "doctor/fixes.hpp"
#include "doctor/link_kind.hpp"
#include "doctor/rules/rules.hpp"
#include "model/endpoint_use.hpp"

/// Endpoints that take up room and are no paths, and a table that has no room left.
namespace keeper::rules {

namespace {

/// Kernels have room for 8, implicit ones counted, or for 255: a table with 9 to 254 is known not to be full.
bool may_be_full(std::size_t number) {
    constexpr std::size_t small_table = 8;
    constexpr std::size_t large_table = 255;
    return number == small_table || number >= large_table;
}

std::string flags_shown(const Endpoint& endpoint) {
    return endpoint.flags.empty() ? "it has no flags" : "its only flag is " + flag_words(endpoint.flags);
}

/// On a bridge, a container's interface or the like from which no route leads to other networks.
bool is_inside(const Facts& facts, const Place& place) {
    const LinkKind kind = kind_of(facts, *place.link);
    return kind != LinkKind::ordinary && kind != LinkKind::tunnel &&
           !facts.off_link.contains(place.address->address) &&
           objection_to(facts, *place.link, *place.address).has_value();
}

/// Why no connection ever uses the endpoint; empty where one may, or does.
std::string uselessness(const Facts& facts, const Endpoint& endpoint) {
    if (is_used(facts, endpoint)) {
        return "";
    }
    if (!have_effect(endpoint.flags)) {
        return flags_shown(endpoint);
    }
    if (endpoint.key.address.is_link_local()) {
        return "it is a link-local address";
    }
    if (endpoint.ifindex.value != 0 && find_link(facts.host, endpoint.ifindex) == nullptr) {
        return "its interface is gone";
    }
    const Place place = place_of(facts, endpoint.key.address);
    if (place.address == nullptr) {
        return may_be_elsewhere(endpoint) ? "" : "no interface has this address";
    }
    return is_inside(facts, place) ? *describe_kind(facts, *place.link) : "";
}

/// Nobody will miss it: it is no path, and neither declared nor NetworkManager's. Nothing where
/// NetworkManager could not be asked which are its own.
std::vector<Endpoint> useless_endpoints(const Facts& facts) {
    std::vector<Endpoint> useless;
    if (!facts.host.network_manager && !facts.host.network_manager_error.empty()) {
        return useless;
    }
    for (const Endpoint& endpoint : configured_endpoints(facts)) {
        if (!uselessness(facts, endpoint).empty() && !is_declared(facts, endpoint) &&
            !is_network_managers(facts, endpoint)) {
            useless.push_back(endpoint);
        }
    }
    return useless;
}

/// The last endpoint that is neither declared nor NetworkManager's, rather one whose address is on no
/// interface; a null pointer where each belongs to one of them.
std::optional<Endpoint> least_useful(const Facts& facts) {
    std::optional<Endpoint> last;
    std::optional<Endpoint> last_elsewhere;
    for (const Endpoint& endpoint : configured_endpoints(facts)) {
        if (!is_declared(facts, endpoint) && !is_network_managers(facts, endpoint)) {
            last = endpoint;
            if (place_of(facts, endpoint.key.address).address == nullptr) {
                last_elsewhere = endpoint;
            }
        }
    }
    return last_elsewhere ? last_elsewhere : last;
}

std::string way_out(const Facts& facts) {
    if (const std::string deletions = delete_useless(facts); !deletions.empty()) {
        return deletions;
    }
    if (const auto one = least_useful(facts)) {
        return "ip mptcp endpoint delete id " + std::to_string(one->id.value) + "   # " +
               to_string(one->key) + ", or another that no path needs: ip mptcp endpoint show";
    }
    return "ip mptcp endpoint show   # all are declared or NetworkManager's: declare mptcp-flags disabled "
           "for a "
           "profile that needs no path, or take an endpoint out of the configuration";
}

std::size_t count_owned(const Facts& facts, bool (*is_owned)(const Facts&, const Endpoint&)) {
    const std::vector<Endpoint> all = configured_endpoints(facts);
    return static_cast<std::size_t>(std::count_if(
        all.begin(), all.end(), [&](const Endpoint& endpoint) { return is_owned(facts, endpoint); }));
}

void check_table(const Facts& facts, Findings& findings) {
    if (!may_be_full(facts.host.endpoints.or_empty().size()) || configured_endpoints(facts).empty()) {
        return;
    }
    findings.push_back(
        {FindingCode::endpoint_table_full,
         Severity::warning,
         "endpoints",
         "there are " + std::to_string(facts.host.endpoints.or_empty().size()) +
             ", and the table of many kernels has room for 8: further addresses are refused; " +
             std::to_string(count_owned(facts, is_network_managers)) + " are NetworkManager's, " +
             std::to_string(count_owned(facts, is_declared)) + " declared, and " +
             std::to_string(useless_endpoints(facts).size()) + " are of no use",
         way_out(facts)});
}

/// What to do with an endpoint that has no effect: give it flags where its address can be a path.
std::string give_flags(const Facts& facts, const Endpoint& endpoint) {
    const DesiredEndpoint* declared = declared_endpoint(facts, endpoint.key);
    if (declared == nullptr && is_about_to_change(facts, endpoint)) {
        return "mptcp-keeper apply --only profiles";
    }
    if (declared != nullptr &&
        have_effect((declared->flags & facts.kernel.dropped_flags) ^ declared->flags)) {
        return "mptcp-keeper apply --only endpoints   # " + to_string(declared->source) +
               " declares other flags";
    }
    const Place place = place_of(facts, endpoint.key.address);
    const bool is_path = place.address != nullptr && !endpoint.key.address.is_link_local() &&
                         !objection_to(facts, *place.link, *place.address);
    if (!is_path && is_declared_present(facts, endpoint.key)) {
        Proposal proposal(facts);
        proposal.remove(endpoint);
        return proposal.yaml();
    }
    const bool is_to_go = !is_path || is_declared_absent(facts, endpoint.key);
    if (is_to_go && !is_network_managers(facts, endpoint)) {
        return "ip mptcp endpoint delete id " + std::to_string(endpoint.id.value);
    }
    EndpointFlags flags = flags_for_role(facts);
    if (endpoint.key.port != 0) {
        flags = {EndpointFlag::signal}; // the kernel refuses a port with anything else
    }
    Proposal proposal(facts);
    proposal.redeclare(
        endpoint, endpoint.flags.has(EndpointFlag::backup) ? flags.with(EndpointFlag::backup) : flags);
    return proposal.yaml() + comment_on_role(facts);
}

void check_flags(const Facts& facts, const Endpoint& endpoint, Findings& findings) {
    if (have_effect(endpoint.flags)) {
        return;
    }
    findings.push_back(
        {FindingCode::endpoint_useless,
         Severity::warning,
         to_string(endpoint.key),
         flags_shown(endpoint) + ", neither signal nor subflow: the kernel does not announce the address and "
                                 "opens no subflow from it",
         give_flags(facts, endpoint)});
}

/// The address of a bridge or container: other hosts cannot reach it, or reach it through another endpoint.
void check_place(const Facts& facts, const Endpoint& endpoint, Findings& findings) {
    const Place place = place_of(facts, endpoint.key.address);
    if (!have_effect(endpoint.flags) || place.address == nullptr || is_declared(facts, endpoint) ||
        is_network_managers(facts, endpoint) || is_used(facts, endpoint) || !is_inside(facts, place)) {
        return;
    }
    findings.push_back(
        {FindingCode::endpoint_useless,
         Severity::info,
         to_string(endpoint.key),
         *describe_kind(facts, *place.link) +
             ": other hosts hardly reach this address, and it takes up an endpoint and join attempts",
         "ip mptcp endpoint delete id " + std::to_string(endpoint.id.value)});
}

} // namespace

std::string delete_useless(const Facts& facts) {
    std::string commands;
    for (const Endpoint& endpoint : useless_endpoints(facts)) {
        commands += (commands.empty() ? "" : "\n") + std::string("ip mptcp endpoint delete id ") +
                    std::to_string(endpoint.id.value) + "   # " + to_string(endpoint.key) + ": " +
                    uselessness(facts, endpoint);
    }
    return commands;
}

Findings endpoint_table(const Facts& facts) {
    Findings findings;
    check_table(facts, findings);
    for (const Endpoint& endpoint : configured_endpoints(facts)) {
        check_flags(facts, endpoint, findings);
        check_place(facts, endpoint, findings);
    }
    return findings;
}

} // namespace keeper::rules
