#pragma once

#include <string_view>

#include "model/desired_state.hpp"

namespace keeper {

/// The file grammar's word: "auto", "reapply", "defer".
[[nodiscard]] std::string_view to_string(Activation activation);
/// The file grammar's word: "enforce", "report", "manual".
[[nodiscard]] std::string_view to_string(ReconcileMode mode);

} // namespace keeper
