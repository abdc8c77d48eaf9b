#pragma once

#include <string>

#include "report/style.hpp"
#include "status/status.hpp"

namespace keeper {

/// The status as aligned tables, a section for each kind of item, a summary at the top.
[[nodiscard]] std::string status_text(const Status& status, Colour colour);

} // namespace keeper
