// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/source.hpp"

namespace keeper {

std::string to_string(const Source& source) {
    return source.line > 0 ? source.file + ":" + std::to_string(source.line) : source.file;
}

} // namespace keeper
