// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

namespace keeper {

/// The text as one word of a POSIX shell's command line: unchanged if it is plain (letters, digits and
/// "_./:@%+,=-"), otherwise in single quotes.
[[nodiscard]] std::string shell_word(std::string_view text);

/// The text in single quotes, even if it is plain.
[[nodiscard]] std::string shell_quoted(std::string_view text);

} // namespace keeper
