#pragma once

#include "model/process.hpp"

namespace keeper {

/// Looks at the processes in /proc that are asked for, at no more of each than is asked for. Changes nothing,
/// and asks the processes nothing.
[[nodiscard]] ProcessList list_processes(const ProcessQuery& query);

} // namespace keeper
