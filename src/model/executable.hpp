// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

namespace keeper {

/// The properties of an executable file that matter for LD_PRELOAD.
struct Executable {
    bool is_known = false;   ///< it is a readable ELF file; otherwise the other members have no meaning
    bool is_dynamic = false; ///< PT_INTERP: started by a dynamic loader, which reads LD_PRELOAD
    bool is_go = false;      ///< built by the Go toolchain, whose programs make system calls without libc
    std::string go_version;  ///< "1.24.4"; empty if unknown
    /// Setuid, setgid or file capabilities: the loader ignores LD_PRELOAD, unless the user who runs it gains
    /// nothing by them.
    bool is_secure = false;
    /// A 32-bit program where this one has 64 bits, or the reverse: a library for one cannot be loaded by the
    /// other.
    bool is_other_class = false;

    friend bool operator==(const Executable&, const Executable&) = default;
};

} // namespace keeper
