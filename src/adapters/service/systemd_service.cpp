// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/service/systemd_service.hpp"

#include <cstdint>

#include <systemd/sd-daemon.h>
#include <time.h>

#include "base/text/printable.hpp"

namespace keeper {

void SystemdService::ready(const std::string& status) {
    status_ = status;
    sd_notify(0, ("READY=1\nSTATUS=" + printable(status)).c_str());
}

void SystemdService::reloading() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    const std::uint64_t microseconds =
        static_cast<std::uint64_t>(now.tv_sec) * 1000000 + static_cast<std::uint64_t>(now.tv_nsec) / 1000;
    sd_notify(0, ("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds)).c_str());
}

void SystemdService::stopping() {
    sd_notify(0, "STOPPING=1\nSTATUS=stopping");
}

void SystemdService::alive(const std::string& status) {
    std::string message = "WATCHDOG=1";
    if (status != status_) {
        status_ = status;
        message += "\nSTATUS=" + printable(status);
    }
    sd_notify(0, message.c_str());
}

std::optional<std::chrono::milliseconds> SystemdService::watchdog() {
    std::uint64_t microseconds = 0;
    if (sd_watchdog_enabled(0, &microseconds) <= 0) {
        return std::nullopt;
    }
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::microseconds(microseconds));
}

} // namespace keeper
