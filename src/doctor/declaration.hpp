#pragma once

#include <optional>
#include <string>

#include "model/facts.hpp"
#include "plan/plan.hpp"

/// What the configuration declares about the items that findings are about. A fix must not ask for what the
/// next apply takes back: an item that is declared is changed in the declaration, or by applying it. All of
/// these find nothing while the configuration is invalid.
namespace keeper::rules {

/// The entry for the address and port, present or absent; null for none.
[[nodiscard]] const DesiredEndpoint* declared_endpoint(const Facts& facts, const EndpointKey& key);
/// An entry declares that there is such an endpoint.
[[nodiscard]] bool is_declared_present(const Facts& facts, const EndpointKey& key);
/// An entry declares that there is none.
[[nodiscard]] bool is_declared_absent(const Facts& facts, const EndpointKey& key);

/// The next apply removes the endpoint or gives it other flags, so that what it has now is not worth advice.
[[nodiscard]] bool is_about_to_change(const Facts& facts, const Endpoint& endpoint);
/// With those flags NetworkManager would make an endpoint that an entry declares: of the two, one must go.
[[nodiscard]] bool meets_an_entry(const Facts& facts, const Profile& profile, MptcpFlags flags);

/// The rule that decides the profile's flags; null where none does, or where it says "default", which leaves
/// them to NetworkManager. A rule with `mptcp-flags: null` decides: the profile stays as it is.
[[nodiscard]] const ProfileRule* rule_for_flags(const Facts& facts, const Profile& profile);
/// The profile has other flags stored than its rule declares.
[[nodiscard]] bool is_stored_otherwise(const Facts& facts, const Profile& profile);

/// The value that is declared for a sysctl, as the kernel shows it; null for none.
[[nodiscard]] const std::string* declared_sysctl(const Facts& facts, const std::string& name);
/// The declaration leaves new connections to a path manager in user space.
[[nodiscard]] bool declares_userspace_path_manager(const Facts& facts);

/// An apply would change something of that kind.
[[nodiscard]] bool would_change(const Facts& facts, Resource resource);

/// "applications:\n  units: [UNIT]", with what that needs besides: a declaration that has MPTCP off refuses
/// units.
[[nodiscard]] std::string declare_unit(const Facts& facts, const std::string& unit);

} // namespace keeper::rules
