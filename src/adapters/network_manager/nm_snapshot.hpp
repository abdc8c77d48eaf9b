#pragma once

#include <memory>
#include <string>

#include "adapters/network_manager/network_manager_conf.hpp"
#include "adapters/network_manager/nm_session.hpp"
#include "base/result.hpp"
#include "model/observed_state.hpp"

namespace keeper {

/// Reads version, profiles and activations from a session that is ready, and what flags 0 mean by that
/// configuration. Profiles that this user may not see, or that vanish in the meantime, are left out.
[[nodiscard]] Result<NetworkManagerState>
read_state(NmSession& session, const std::shared_ptr<Round>& round, const NetworkManagerConf& conf);

/// "1.42.4" as {1, 42}; {0, 0} for a text that is no version.
struct NmVersion {
    unsigned major = 0;
    unsigned minor = 0;
    friend auto operator<=>(const NmVersion&, const NmVersion&) = default;
};
[[nodiscard]] NmVersion parse_nm_version(const std::string& text);

/// Whether a reapply can leave alone what other programs added to the device, which it can from 1.42 on.
[[nodiscard]] bool can_preserve_external_ip(const std::string& version);

/// Whether a reapply of that applied connection, with only its mptcp-flags changed, can take addresses or
/// routes away, if only for a moment.
[[nodiscard]] bool does_reapply_disturb(GVariant* applied, const std::string& version);

/// Where a profile with this file name is kept.
[[nodiscard]] ProfileStorage storage_of(const std::string& filename);

} // namespace keeper
