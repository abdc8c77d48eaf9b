#pragma once

#include <string>

#include "adapters/processes/running_process.hpp"
#include "model/process.hpp"

namespace keeper {

/// Counts its TCP and MPTCP sockets, and says in sockets_known whether that was possible. The attribute that
/// it reads tells what a program asked for, in whatever network namespace, and disturbs nobody.
LookResult count_sockets(const RunningProcess& process, ObservedProcess& found);

/// Tells the units of processes.
class UnitFinder {
  public:
    UnitFinder() : init_cgroup_(RunningProcess(1).text("cgroup")) {}
    /// The unit of the host's own service manager that the process belongs to; "" for none.
    [[nodiscard]] std::string unit_of(const RunningProcess& process) const;

  private:
    std::string init_cgroup_;
};

/// Its name and whether it is in this program's network namespace.
void name_process(const RunningProcess& process, ObservedProcess& found);

/// Whether libmptcpwrap is mapped.
void look_at_memory(const RunningProcess& process, ObservedProcess& found);

/// What look_at_memory() looks at, what it was started with, and what its program is. False where its
/// executable cannot be read: is_go, is_static and is_secure are not told then.
bool look_at_program(const RunningProcess& process, ObservedProcess& found);

} // namespace keeper
