// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/process.hpp"

namespace keeper {

/// Lists the processes in /proc that the query accepts, with the details that it requests. Reads only.
[[nodiscard]] ProcessList list_processes(const ProcessQuery& query);

} // namespace keeper
