// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <string>

#include "base/result.hpp"

namespace keeper {

/// The texts of drop-ins, by unit or template.
using DropInTexts = std::map<std::string, std::string>;

/// Writes each as FOLDER/UNIT.d/50-mptcp-keeper.conf. All are tried; the first error is returned.
[[nodiscard]] Result<void> write_drop_ins(const std::string& folder, const DropInTexts& texts);
/// The drop-ins that write_drop_ins() wrote there.
[[nodiscard]] DropInTexts read_drop_ins(const std::string& folder);

/// Removes the keeper's drop-ins below this folder, and their folders if empty.
void remove_drop_ins(const std::string& folder);

} // namespace keeper
