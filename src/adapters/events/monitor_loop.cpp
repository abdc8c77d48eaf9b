// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/events/monitor_loop.hpp"

#include <vector>

#include "adapters/events/file_watch.hpp"
#include "adapters/events/reader_watch.hpp"
#include "adapters/events/signal_watch.hpp"

namespace keeper {

Result<std::unique_ptr<MonitorPort>>
MonitorLoop::create(const std::string& daemon_folder, int output, std::unique_ptr<BusSource> bus) {
    auto events = MptcpEvents::create();
    if (!events) {
        return propagate(events);
    }
    auto signals = SignalWatch::create();
    if (!signals) {
        return propagate(signals);
    }
    std::vector<std::unique_ptr<PollSource>> sources;
    auto kernel = std::make_unique<MptcpEvents>(std::move(*events));
    MptcpEvents* const borrowed = kernel.get();
    sources.push_back(std::move(kernel));
    sources.push_back(std::make_unique<SignalWatch>(std::move(*signals)));
    sources.push_back(std::make_unique<ReaderWatch>(output));
    // Either folder may be missing. Both are polled anyway: this only makes it quicker.
    if (auto sysctls = FileWatch::create("/proc/sys/net/mptcp", "", Event::sysctls_changed)) {
        sources.push_back(std::make_unique<FileWatch>(std::move(*sysctls)));
    }
    if (auto record = FileWatch::create(daemon_folder, "daemon.json", Event::poked)) {
        sources.push_back(std::make_unique<FileWatch>(std::move(*record)));
    }
    auto loop = std::make_unique<EventLoop>(std::move(sources), std::move(bus));
    return std::unique_ptr<MonitorPort>(new MonitorLoop(std::move(loop), borrowed));
}

} // namespace keeper
