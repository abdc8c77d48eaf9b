// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <vector>

#include "adapters/network_manager/nm_session.hpp"
#include "ports/profile_port.hpp"

namespace keeper {

/// Implements ProfilePort::store on a session that is ready.
[[nodiscard]] std::vector<Result<void>> store_profiles(
    NmSession& session, const std::shared_ptr<Round>& round, const std::vector<StoreRequest>& requests);

} // namespace keeper
