#pragma once

#include "model/facts.hpp"

namespace keeper::rules {

/// Whether NetworkManager has none of the endpoints that the flags of live profiles ask for where MPTCP is
/// on, although the addresses are there: other flags would not change that.
[[nodiscard]] bool lacks_all_of_network_manager(const Facts& facts);

/// The section that makes NetworkManager notice that MPTCP is on, to append to a fix: those profiles with the
/// flags that they have. Empty where no profile asks for an endpoint, or some endpoint is there.
[[nodiscard]] std::string declare_silent_profiles(const Facts& facts);

} // namespace keeper::rules
