// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <vector>

#include "adapters/network_manager/nm_session.hpp"
#include "ports/profile_port.hpp"

namespace keeper {

/// Implements ProfilePort::reapply on a session that is ready.
[[nodiscard]] std::vector<Result<void>> reapply_devices(
    NmSession& session, const std::shared_ptr<Round>& round, const std::vector<ReapplyRequest>& requests);

} // namespace keeper
