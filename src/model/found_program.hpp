// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "model/executable.hpp"

namespace keeper {

/// The file that a command names, and what the kernel makes of it.
struct FoundProgram {
    std::string path;        ///< contains a slash, so that it is not searched again
    std::string interpreter; ///< of a script, the last one if interpreters are scripts as well; else empty
    Executable executable;   ///< of the interpreter if there is one
    /// This user gains privileges by setuid, setgid or file capabilities, so that the loader ignores
    /// LD_PRELOAD. Known even if the file cannot be read.
    bool gains_privileges = false;

    friend bool operator==(const FoundProgram&, const FoundProgram&) = default;
};

} // namespace keeper
