#pragma once

#include <string>

namespace keeper {

/// What an executable file is, as far as LD_PRELOAD is concerned.
struct Executable {
    bool is_known = false;   ///< it could be read, and is an ELF file; else nothing of the rest is told
    bool is_dynamic = false; ///< PT_INTERP: a dynamic loader runs, which reads LD_PRELOAD
    bool is_go = false;      ///< made by the Go toolchain, which makes system calls without libc
    std::string go_version;  ///< "1.24.4"; empty where it is not told
    /// Setuid, setgid or file capabilities: unless it is run by who needs none of them, the loader ignores
    /// LD_PRELOAD.
    bool is_secure = false;
};

/// Looks at an ELF file of 32 or 64 bits.
[[nodiscard]] Executable inspect_executable(const std::string& file);

} // namespace keeper
