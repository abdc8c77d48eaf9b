// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <compare>
#include <optional>
#include <string>

#include "model/endpoint.hpp"

namespace keeper {

/// What an event of the kernel about links, addresses or default routes concerns. A hint only: whether and
/// how something changed is read again. All members are std::nullopt or 0 where the event does not name them.
struct LinkChange {
    /// The link; 0 for a default route that may have changed on any link, because it replaced another one or
    /// has no output interface.
    Ifindex ifindex;
    std::string name; ///< one of the link's names, also an alternative one; empty in other events
    std::optional<IpAddress> address; ///< the address that was added, changed or removed
    friend auto operator<=>(const LinkChange&, const LinkChange&) = default;
};

} // namespace keeper
