#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "doctor/facts_view.hpp"

namespace keeper::rules {

/// YAML that declares endpoints, to paste. An address that NetworkManager would hand to MPTCP becomes a rule
/// for its profile, so that NetworkManager makes the endpoint and its next sync does not delete it; any other
/// becomes an entry under `endpoints`. Borrows the facts.
class Proposal {
  public:
    explicit Proposal(const Facts& facts) : facts_(facts) {}

    /// The address with those flags.
    void declare(const Place& place, EndpointFlags flags);
    /// An endpoint that exists, with other flags.
    void redeclare(const Endpoint& endpoint, EndpointFlags flags);
    /// `state: absent`; for endpoints that NetworkManager does not make.
    void remove(const Endpoint& endpoint);

    [[nodiscard]] bool empty() const { return rules_.empty() && entries_.empty(); }
    [[nodiscard]] std::string yaml() const;

  private:
    struct Rule {
        std::string comment; ///< the profile's name and device
        MptcpFlags flags;
    };

    void add_entry(const EndpointKey& key, const std::string& rest);
    [[nodiscard]] MptcpFlags declared_flags(const Link& link) const;
    [[nodiscard]] bool is_made_on(const Link& link, const EndpointKey& key) const;
    [[nodiscard]] bool declare_by_profile(const Link& link, const EndpointKey& key, MptcpFlags wanted);
    void align_entries(const Link& link, const EndpointKey& but_for, MptcpFlags wanted);
    void redeclare_entry(const Endpoint& endpoint, EndpointFlags flags);

    const Facts& facts_;
    std::map<std::string, Rule> rules_; ///< by the profile's uuid
    std::map<EndpointKey, std::string> entries_;
};

/// The profile that NetworkManager runs on the device and its activation; null pointers where there is none,
/// or where no rule may touch it.
struct ManagedLink {
    const Profile* profile = nullptr;
    const ProfileActivation* activation = nullptr;
};
[[nodiscard]] ManagedLink managed_link(const Facts& facts, Ifindex ifindex);

/// flags_for_role() as a profile asks for them, as far as this NetworkManager knows them.
[[nodiscard]] MptcpFlags profile_flags_for_role(const Facts& facts);

/// NetworkManager makes this endpoint from a profile.
[[nodiscard]] bool is_network_managers(const Facts& facts, const Endpoint& endpoint);
/// The configuration declares it, present or absent.
[[nodiscard]] bool is_declared(const Facts& facts, const Endpoint& endpoint);

/// Addresses of this host that could be endpoints and are none yet.
struct Candidates {
    std::vector<Place> places;
    std::vector<std::string> left_out; ///< "docker0 is a bridge"
};

/// Usable addresses of global scope, on interfaces that are up and lead to other hosts: those of bridges,
/// tunnels and containers, and those without a route to other networks where others have one, are left out.
[[nodiscard]] Candidates spare_addresses(const Facts& facts, std::optional<Family> family = {});

/// Declares them all, with words in capitals where there is none.
[[nodiscard]] std::string
propose_endpoints(const Facts& facts, EndpointFlags flags, std::optional<Family> family = {});

/// "; not proposed: docker0 is a bridge"; empty where no address was left out.
[[nodiscard]] std::string left_out_text(const Candidates& candidates);

/// The interface cannot be a path to other hosts by what it is: "wg0 is a tunnel (wireguard)". Nothing where
/// it can. A veth is judged by its routes: it is a container's uplink or its host's end of the cable.
[[nodiscard]] std::optional<std::string>
objection_to(const Facts& facts, const Link& link, const LinkAddress& address);

/// The word in quotes where YAML would read it as something else than a text.
[[nodiscard]] std::string yaml_word(const std::string& word);

} // namespace keeper::rules
