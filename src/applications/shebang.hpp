// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace keeper {

/// How many bytes of a file the kernel reads to recognise it (BINPRM_BUF_SIZE).
inline constexpr std::size_t shebang_size = 256;
/// How many interpreters the kernel follows before it fails with ELOOP: each may be a script of another one.
inline constexpr int most_interpreters = 5;

/// The interpreter that the kernel starts for a script, from its first bytes, at most shebang_size of them
/// (fs/binfmt_script.c). std::nullopt for any other file.
[[nodiscard]] std::optional<std::string_view> interpreter_of_script(std::string_view start);

} // namespace keeper
