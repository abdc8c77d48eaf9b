// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "host_config/leftovers.hpp"

namespace keeper {

/// The files that mptcp-keeper replaces, each with the commands that remove or disable it, as a shell script.
[[nodiscard]] std::string leftovers_text(const std::vector<Leftover>& leftovers);

/// {"configuration": text, "leftovers": [{"file","reason","commands"}]}.
[[nodiscard]] std::string
export_json(const std::string& configuration, const std::vector<Leftover>& leftovers);

} // namespace keeper
