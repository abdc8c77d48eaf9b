#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace keeper {

/// Which declaration a command has last begun to apply. Kept beside the lock and written under it before the
/// first change of the host, so that a daemon that was not asked to take that declaration over (it was
/// stopped, or the command was killed) finds out before it writes again.
struct DeclarationMark {
    std::uint64_t number = 0;    ///< of that apply; 0: none so far
    std::uint64_t last_used = 0; ///< the highest number ever given, also to one that was taken back
    std::string fingerprint;     ///< LoadedConfig::fingerprint
    friend bool operator==(const DeclarationMark&, const DeclarationMark&) = default;
};

[[nodiscard]] std::string declaration_mark_text(const DeclarationMark& mark);
/// Nothing where the text is not a mark.
[[nodiscard]] std::optional<DeclarationMark> parse_declaration_mark(std::string_view text);

} // namespace keeper
