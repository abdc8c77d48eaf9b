// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>

#include "model/facts.hpp"

/// The limits that the endpoints of this host need.
namespace keeper::rules {

/// How many subflows the endpoints and add_addr_accepted can create besides the initial one; at least 1.
[[nodiscard]] std::uint32_t wanted_subflows(const Facts& facts);

/// The share of fullmesh endpoints: endpoints times announced addresses, minus the initial subflow; 0 without
/// such endpoints.
[[nodiscard]] std::uint32_t fullmesh_subflows(const Facts& facts);

/// "limits: {subflows: 4}": enough for these, and for the subflows that peers were refused. Never less than
/// declared; if that much is declared already, the command that applies it, or another remedy.
[[nodiscard]] std::string raise_subflows(const Facts& facts);

/// "limits: {add_addr_accepted: 2}", or the command that applies a declared limit.
[[nodiscard]] std::string accept_announcements(const Facts& facts);

} // namespace keeper::rules
