// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace keeper {

/// The declaration that a command last began to apply. It is stored next to the lock and written while the
/// lock is held, before the first change of the host. A daemon that was not asked to take the declaration
/// over (it was stopped, or the command was killed) thus notices before it writes again.
struct DeclarationMark {
    std::uint64_t number = 0;    ///< of that apply; 0: none so far
    std::uint64_t last_used = 0; ///< the highest number ever assigned, including applies that were reverted
    std::string fingerprint;     ///< LoadedConfig::fingerprint
    friend bool operator==(const DeclarationMark&, const DeclarationMark&) = default;
};

[[nodiscard]] std::string declaration_mark_text(const DeclarationMark& mark);
/// std::nullopt if the text is not a mark.
[[nodiscard]] std::optional<DeclarationMark> parse_declaration_mark(std::string_view text);

} // namespace keeper
