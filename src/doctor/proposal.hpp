// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "doctor/facts_view.hpp"

namespace keeper::rules {

/// YAML to paste that declares endpoints. If NetworkManager can create the endpoint, it becomes a rule for
/// the profile, so that NetworkManager's next sync does not delete it; otherwise an entry under `endpoints`.
/// Borrows the facts.
class Proposal {
  public:
    explicit Proposal(const Facts& facts) : facts_(facts) {}

    /// Declares the address with these flags.
    void declare(const AddressOnLink& local, EndpointFlags flags);
    /// Declares other flags for an existing endpoint.
    void redeclare(const Endpoint& endpoint, EndpointFlags flags);
    /// Declares the endpoint absent; not for endpoints that NetworkManager creates.
    void remove(const Endpoint& endpoint);

    [[nodiscard]] bool empty() const { return rules_.empty() && entries_.empty(); }
    [[nodiscard]] std::string yaml() const;

  private:
    struct Rule {
        std::string comment; ///< the name of the profile and its device
        MptcpFlags flags;
    };

    void add_entry(const SocketAddress& key, const std::string& rest);
    [[nodiscard]] MptcpFlags declared_flags(const Link& link) const;
    [[nodiscard]] bool is_created_on(const Link& link, const SocketAddress& key) const;
    [[nodiscard]] bool declare_by_profile(const Link& link, const SocketAddress& key, MptcpFlags wanted);
    void align_entries(const Link& link, const SocketAddress& except, MptcpFlags wanted);
    void redeclare_entry(const Endpoint& endpoint, EndpointFlags flags);

    const Facts& facts_;
    std::map<std::string, Rule> rules_; ///< by the profile's uuid
    std::map<SocketAddress, std::string> entries_;
};

/// The profile that is active on the device, and its activation; null pointers if there is none, or if no
/// rule may change it.
struct ManagedLink {
    const Profile* profile = nullptr;
    const ProfileActivation* activation = nullptr;
};
[[nodiscard]] ManagedLink managed_link(const Facts& facts, Ifindex ifindex);

/// flags_for_role() as profile flags, as far as this NetworkManager supports them.
[[nodiscard]] MptcpFlags profile_flags_for_role(const Facts& facts);

/// Whether NetworkManager creates this endpoint from a profile.
[[nodiscard]] bool belongs_to_network_manager(const Facts& facts, const Endpoint& endpoint);
/// Whether the configuration declares the endpoint, present or absent.
[[nodiscard]] bool is_declared(const Facts& facts, const Endpoint& endpoint);

/// Addresses of this host that are not endpoints yet.
struct Candidates {
    std::vector<AddressOnLink> addresses; ///< that can be paths
    std::vector<std::string> rejected;    ///< why others cannot: "docker0 is a bridge"
};

/// Usable addresses of global scope on interfaces that are up and lead to other hosts. Rejects the addresses
/// of bridges, tunnels and containers, and those without a route to other networks if others have one.
[[nodiscard]] Candidates unused_addresses(const Facts& facts, std::optional<Family> family = {});

/// Declares all unused addresses; with placeholders in capitals if there is none.
[[nodiscard]] std::string
propose_endpoints(const Facts& facts, EndpointFlags flags, std::optional<Family> family = {});

/// "; not proposed: docker0 is a bridge"; empty if no address was rejected.
[[nodiscard]] std::string rejected_text(const Candidates& candidates);

/// Why the address cannot be a path to other hosts: "wg0 is a tunnel (wireguard)"; std::nullopt if it can. A
/// veth is judged by its routes: it may be a container's uplink or the host's end of the pair.
[[nodiscard]] std::optional<std::string>
path_objection(const Facts& facts, const Link& link, const LinkAddress& address);

} // namespace keeper::rules
