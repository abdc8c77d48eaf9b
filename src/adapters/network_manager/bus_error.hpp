// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace keeper {

/// An error that NetworkManager or the bus sent instead of a reply.
struct BusError {
    std::string name; ///< "org.freedesktop.DBus.Error.ServiceUnknown"
    std::string message;
};

/// The errors of NetworkManager or the bus that callers handle, beyond reporting them.
enum class BusFailure {
    other,
    gone,             ///< the object no longer exists, or is not visible to us
    version_mismatch, ///< another program changed it since it was read
    went_away,        ///< NetworkManager or the bus stopped
};
[[nodiscard]] BusFailure classify(const BusError& error);

/// The only place where a BusError becomes an Error. `context` names what failed, on what.
[[nodiscard]] Error to_error(std::string_view context, const BusError& error);

/// NetworkManager did not answer before the deadline. `context` names what failed, on what.
[[nodiscard]] Error no_answer(std::string_view context);
/// NetworkManager's answer does not have the documented types. `context` names what failed, on what.
[[nodiscard]] Error unreadable_answer(std::string_view context);

} // namespace keeper
