// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

namespace keeper {

/// The SHA-256 digest of a text as 64 lower-case hexadecimal digits.
[[nodiscard]] std::string sha256(std::string_view text);

} // namespace keeper
