// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/files/declaration_mark_file.hpp"

#include <sys/stat.h>

#include "adapters/files/files.hpp"

namespace keeper {

Result<DeclarationMark> DeclarationMarkFile::load() {
    constexpr std::size_t largest = 4096;
    const auto text = read_own_file(path_, largest);
    if (!text) {
        return propagate(text);
    }
    if (!*text) {
        return DeclarationMark{};
    }
    const auto mark = parse_declaration_mark(**text);
    if (!mark) {
        return fail(path_ + " is damaged; remove it and run `mptcp-keeper apply`");
    }
    return *mark;
}

Result<void> DeclarationMarkFile::save(const DeclarationMark& mark) {
    return replace_run_file(path_, declaration_mark_text(mark), S_IRUSR | S_IWUSR | S_IRGRP);
}

} // namespace keeper
