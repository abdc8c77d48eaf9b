// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "adapters/processes/running_process.hpp"
#include "model/process.hpp"

namespace keeper {

/// Counts its TCP and MPTCP sockets; sockets_known is whether that was possible. The attribute that it reads
/// shows the protocol that the program requested, in any network namespace, without disturbing the process.
/// `listeners` are the inodes of listening sockets.
ReadResult count_sockets(
    const RunningProcess& process, ObservedProcess& found, const std::set<std::uint64_t>& listeners = {});

/// Finds the units of processes.
class UnitFinder {
  public:
    UnitFinder() : init_cgroup_(RunningProcess(1).text("cgroup")) {}
    /// The unit of the host's own service manager that the process belongs to; "" for none.
    [[nodiscard]] std::string unit_of(const RunningProcess& process) const;

  private:
    std::string init_cgroup_;
};

/// Reads its name and whether it is in this program's network namespace.
void name_process(const RunningProcess& process, ObservedProcess& found);

/// Reads whether libmptcpwrap is mapped.
void read_memory_maps(const RunningProcess& process, ObservedProcess& found);

/// Reads what read_memory_maps() does, the variables it was started with, and the properties of its program.
/// False if its executable cannot be read: is_go, is_static and is_secure are then unknown.
bool read_program(const RunningProcess& process, ObservedProcess& found);

} // namespace keeper
