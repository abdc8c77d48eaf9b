// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>

#include "model/facts.hpp"
#include "plan/plan.hpp"

/// What the configuration declares about the subjects of findings. A fix must not propose what the next apply
/// takes back: a declared item is changed in the configuration, or by applying it. While the configuration is
/// invalid, nothing is declared.
namespace keeper::rules {

/// The entry for the address and port, present or absent; a null pointer if there is none.
[[nodiscard]] const DesiredEndpoint* declared_endpoint(const Facts& facts, const SocketAddress& key);
/// An entry declares the endpoint, and not as absent.
[[nodiscard]] bool is_declared_present(const Facts& facts, const SocketAddress& key);
/// An entry declares the endpoint absent.
[[nodiscard]] bool is_declared_absent(const Facts& facts, const SocketAddress& key);

/// The next apply removes the endpoint or changes its flags, so its present state needs no advice.
[[nodiscard]] bool is_about_to_change(const Facts& facts, const Endpoint& endpoint);
/// With those flags NetworkManager would create an endpoint that an entry declares too: the two conflict.
[[nodiscard]] bool conflicts_with_entry(const Facts& facts, const Profile& profile, MptcpFlags flags);

/// The rule that decides the profile's flags; a null pointer if there is none, or if it declares "default",
/// which leaves them to NetworkManager. A rule with `mptcp-flags: null` does decide: it keeps the profile.
[[nodiscard]] const ProfileRule* rule_for_flags(const Facts& facts, const Profile& profile);
/// The stored flags of the profile differ from those that its rule declares.
[[nodiscard]] bool has_drifted(const Facts& facts, const Profile& profile);

/// The declared value of a sysctl, as the kernel shows it; a null pointer if there is none.
[[nodiscard]] const std::string* declared_sysctl(const Facts& facts, const std::string& name);
/// The configuration declares a userspace path manager.
[[nodiscard]] bool declares_userspace_path_manager(const Facts& facts);

/// An apply would change an item of that kind.
[[nodiscard]] bool would_change(const Facts& facts, Resource resource);

/// "applications:\n  units: [UNIT]", together with enabled: true if the configuration disables MPTCP, which
/// conflicts with units.
[[nodiscard]] std::string declare_unit(const Facts& facts, const std::string& unit);

/// "applications:\n  never: [UNIT]".
[[nodiscard]] std::string declare_never(const std::string& unit);

} // namespace keeper::rules
