// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>

#include "applications/hook_request.hpp"
#include "base/result.hpp"
#include "hook/decision.h"

namespace keeper {

/// The rules of a request, as the BPF program reads them, together with those that hold for every request:
/// service managers never get MPTCP, and the scopes of `mptcp-keeper run` do. An error if the request has
/// more names than the program can hold.
[[nodiscard]] Result<std::unique_ptr<hook_rules>> make_hook_rules(const HookRequest& request);

} // namespace keeper
