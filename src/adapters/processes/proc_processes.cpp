// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/processes/proc_processes.hpp"

#include <set>

#include "adapters/kernel/diag_listeners.hpp"
#include "adapters/processes/process_details.hpp"

namespace keeper {

ProcessList list_processes(const ProcessQuery& query) {
    ProcessList list;
    const UnitFinder finder;
    const std::set<std::uint64_t> listeners =
        query.with_program ? list_listener_inodes() : std::set<std::uint64_t>{};
    for_each_process([&](const RunningProcess& process) {
        ObservedProcess found;
        found.pid = process.pid();
        found.unit = finder.unit_of(process);
        if ((query.accepts_unit && !query.accepts_unit(found.unit)) || !process.has_command_line()) {
            return true;
        }
        if (const ReadResult looked = count_sockets(process, found, listeners); looked != ReadResult::gone) {
            name_process(process, found);
            if (query.with_program) {
                static_cast<void>(read_program(process, found));
            } else {
                read_memory_maps(process, found);
            }
            list.unreadable += looked == ReadResult::refused ? 1U : 0U;
            list.processes.push_back(std::move(found));
        }
        return true;
    });
    return list;
}

} // namespace keeper
