// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "model/observed_state.hpp"

namespace keeper {

/// Interfaces, their addresses and default routes of one network namespace.
class LinkPort {
  public:
    virtual ~LinkPort() = default;
    /// Sorted by ifindex; addresses in the kernel's order.
    [[nodiscard]] virtual Result<std::vector<Link>> links() = 0;
    /// net.ipv4.conf.*.rp_filter of these interfaces, by name. Values that cannot be read are left out.
    [[nodiscard]] virtual std::map<std::string, int> rp_filters(const std::vector<std::string>& names) = 0;
};

} // namespace keeper
