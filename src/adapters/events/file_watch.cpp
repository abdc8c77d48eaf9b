// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/events/file_watch.hpp"

#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/inotify.h>

namespace keeper {

Result<FileWatch> FileWatch::create(const std::string& folder, std::string only, Event event) {
    UniqueFd open_folder(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!open_folder) {
        return fail(
            ErrorKind::unavailable, "cannot open " + folder + " to watch it: " + std::strerror(errno));
    }
    UniqueFd fd(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    if (!fd) {
        return fail(std::string("cannot set up inotify: ") + std::strerror(errno));
    }
    const std::uint32_t mask = IN_MODIFY | IN_CLOSE_WRITE | IN_CREATE | IN_MOVED_TO | IN_ATTRIB;
    if (::inotify_add_watch(fd.get(), folder.c_str(), mask) < 0) {
        return fail("cannot watch " + folder + ": " + std::strerror(errno));
    }
    return FileWatch(std::move(fd), std::move(open_folder), std::move(only), event);
}

Wakeup FileWatch::collect() {
    Events events;
    alignas(inotify_event) std::array<char, 4096> buffer{};
    for (;;) {
        const ssize_t length = ::read(fd_.get(), buffer.data(), buffer.size());
        if (length <= 0) {
            return events;
        }
        for (ssize_t at = 0; at < length;) {
            inotify_event event{};
            std::memcpy(&event, buffer.data() + at, sizeof(event));
            const char* name = event.len > 0 ? buffer.data() + at + sizeof(event) : "";
            const bool overflow = (event.mask & IN_Q_OVERFLOW) != 0;
            if (overflow || only_.empty() || only_ == name) {
                events = events.with(event_);
            }
            at += static_cast<ssize_t>(sizeof(event) + event.len);
        }
    }
}

} // namespace keeper
