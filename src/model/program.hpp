#pragma once

#include <string>

#include "model/process.hpp"

namespace keeper {

/// A process that has TCP or MPTCP sockets, or that was asked about.
struct Program : ObservedProcess {
    std::string executable;        ///< its path, or its name where that cannot be read
    std::string command;           ///< its command line for a shell, or its name where that cannot be read
    bool executable_known = false; ///< it could be read; else is_go, is_static and is_secure say nothing
    bool memory_known = false;     ///< what is mapped could be read; else has_preload says nothing
    bool asked_for = false;        ///< named by --pid or --unit
    friend bool operator==(const Program&, const Program&) = default;
};

} // namespace keeper
