// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/declaration_mark.hpp"

#include <sstream>

namespace keeper {

std::string declaration_mark_text(const DeclarationMark& mark) {
    return std::to_string(mark.number) + " " + std::to_string(mark.last_used) + " " + mark.fingerprint + "\n";
}

std::optional<DeclarationMark> parse_declaration_mark(std::string_view text) {
    std::istringstream stream{std::string(text)};
    DeclarationMark mark;
    if (!(stream >> mark.number >> mark.last_used) || mark.last_used < mark.number) {
        return std::nullopt;
    }
    stream >> mark.fingerprint; // empty if the only apply so far was reverted
    return mark;
}

} // namespace keeper
