// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <string>

#include "adapters/network_manager/network_manager_conf.hpp"
#include "adapters/network_manager/nm_session.hpp"
#include "base/result.hpp"
#include "model/observed_state.hpp"

namespace keeper {

/// Reads version, profiles and activations from a session that is ready, and the meaning of flags 0 from the
/// configuration. Profiles that this user may not see, or that disappear during the read, are left out.
[[nodiscard]] Result<NetworkManagerState>
read_state(NmSession& session, const std::shared_ptr<Round>& round, const NetworkManagerConf& conf);

/// "1.42.4" is {1, 42}; {0, 0} if the text is not a version.
struct NmVersion {
    unsigned major = 0;
    unsigned minor = 0;
    friend auto operator<=>(const NmVersion&, const NmVersion&) = default;
};
[[nodiscard]] NmVersion parse_nm_version(const std::string& text);

/// Whether a reapply can preserve what other programs added to the device (since 1.42).
[[nodiscard]] bool can_preserve_external_ip(const std::string& version);

/// Whether a reapply of that applied connection, with only its mptcp-flags changed, can remove addresses or
/// routes, even if only for a moment.
[[nodiscard]] bool does_reapply_disturb(GVariant* applied, const std::string& version);

/// Where a profile with this file name is stored.
[[nodiscard]] ProfileStorage storage_of(const std::string& filename);

} // namespace keeper
