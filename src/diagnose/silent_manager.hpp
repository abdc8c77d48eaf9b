#pragma once

#include "model/facts.hpp"

namespace keeper::rules {

/// Whether NetworkManager has none of the endpoints that the flags of live profiles ask for, although MPTCP is
/// on and the addresses are there: other flags would not change that.
[[nodiscard]] bool is_network_manager_silent(const Facts& facts);

} // namespace keeper::rules
