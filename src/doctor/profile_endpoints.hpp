// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "model/facts.hpp"

namespace keeper::rules {

/// An active profile, and the endpoints that NetworkManager creates for it on one device while
/// net.mptcp.enabled is 1.
struct ProfileEndpoints {
    const Profile* profile = nullptr;
    MptcpFlags flags;
    std::vector<Endpoint> endpoints;
};
/// Those whose flags, addresses and routes require at least one endpoint. Borrows the facts.
[[nodiscard]] std::vector<ProfileEndpoints> required_profile_endpoints(const Facts& facts);

/// Active profiles require endpoints, and none of these exists: other flags would not change that.
[[nodiscard]] bool lacks_all_profile_endpoints(const Facts& facts);

/// A profiles section with the flags that these profiles have already, to append to a fix that enables MPTCP:
/// applying it makes NetworkManager read the sysctl again. Empty if one of these endpoints exists, or if the
/// flags are declared already.
[[nodiscard]] std::string redeclare_profiles(const Facts& facts);

} // namespace keeper::rules
