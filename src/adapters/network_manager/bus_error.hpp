#pragma once

#include <string>
#include <string_view>

#include "adapters/network_manager/glib_ptr.hpp"
#include "base/result.hpp"

namespace keeper {

/// What NetworkManager or the bus says that a caller reacts to, beyond reporting it.
enum class BusFailure {
    other,
    gone,             ///< the object is not there any more, or not visible to us
    version_mismatch, ///< somebody changed it since it was read
    went_away,        ///< NetworkManager or the bus ended
};
[[nodiscard]] BusFailure classify(const GError& error);

/// The one place where a GError becomes an Error. `context` says what was tried, on what.
[[nodiscard]] Error to_error(std::string_view context, const GError& error);

/// NetworkManager is not running, with what to try.
[[nodiscard]] Error not_running();
/// NetworkManager did not answer before the deadline. `context` says what was tried, on what.
[[nodiscard]] Error no_answer(std::string_view context);

} // namespace keeper
