// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "model/process.hpp"

namespace keeper {

/// A process that has TCP or MPTCP sockets, or was selected by --pid or --unit.
struct Program : ObservedProcess {
    std::string command; ///< its command line for a shell, or its name if that cannot be read
    /// The executable was read; otherwise is_go, is_static and is_secure are unknown.
    bool executable_known = false;
    bool memory_known = false; ///< the mappings were read; otherwise has_preload is unknown
    bool is_requested = false; ///< selected by --pid or --unit
    friend bool operator==(const Program&, const Program&) = default;
};

} // namespace keeper
