// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/service/scope_start.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "adapters/network_manager/system_bus.hpp"

namespace keeper {

namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr seconds time_limit{5};
constexpr const char* systemd_name = "org.freedesktop.systemd1";
constexpr const char* systemd_path = "/org/freedesktop/systemd1";
constexpr Method start_unit{"org.freedesktop.systemd1.Manager", "StartTransientUnit"};
constexpr const char* job_signals = "type='signal',path='/org/freedesktop/systemd1',"
                                    "interface='org.freedesktop.systemd1.Manager',member='JobRemoved'";
/// Every user may send signals; more than a busy service manager sends in the time limit are not kept.
constexpr std::size_t most_jobs = 4096;

/// A JobRemoved. It may arrive before the reply that names the job.
struct EndedJob {
    std::string sender;
    std::string path;
    std::string result;
};

/// The job that starts the scope.
struct ScopeJob {
    std::string
        manager; ///< the unique name of the service manager, which alone may report the end; "" without bus
    std::string path;
    std::vector<EndedJob> ended;
    Result<void> failure;
    bool is_answered = false;

    [[nodiscard]] const EndedJob* end() const {
        const auto found = std::find_if(ended.begin(), ended.end(), [this](const EndedJob& job) {
            return job.path == path && job.sender == manager;
        });
        return found == ended.end() ? nullptr : &*found;
    }
};

/// Without a bus, messages have no sender.
std::string sender_of(sd_bus_message* message) {
    const char* const sender = sd_bus_message_get_sender(message);
    return sender != nullptr ? sender : "";
}

int on_job_removed(sd_bus_message* message, void* user_data, sd_bus_error*) noexcept {
    auto& job = *static_cast<ScopeJob*>(user_data);
    std::uint32_t id = 0;
    const char* path = nullptr;
    const char* unit = nullptr;
    const char* result = nullptr;
    try {
        if (job.ended.size() < most_jobs &&
            sd_bus_message_read(message, "uoss", &id, &path, &unit, &result) > 0) {
            job.ended.push_back({sender_of(message), path, result});
        }
    } catch (...) {
        // Only lack of memory can throw here, and the exception must not enter C code: the wait ends at its
        // deadline.
    }
    return 0;
}

Error refused(const BusError& error) {
    const bool is_permission = error.name == "org.freedesktop.DBus.Error.AccessDenied" ||
                               error.name == "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired";
    return {
        is_permission ? ErrorKind::not_permitted : ErrorKind::failed,
        "the service manager does not start a scope: " + error.message + " (" + error.name + ")" +
            (is_permission ? "; run it as root, outside of containers" : "")};
}

/// StartTransientUnit(name, mode, properties, auxiliary units). A scope without processes is removed, also if
/// it failed.
MessagePtr start_call(SystemBus& bus, const TransientScope& scope) {
    MessagePtr call = bus.new_call(systemd_name, systemd_path, start_unit, "ss", scope.name.c_str(), "fail");
    sd_bus_message* const message = call.get();
    // A process ID of 0 is the sender's, in whichever namespace it is.
    const bool is_complete =
        message != nullptr && sd_bus_message_open_container(message, 'a', "(sv)") >= 0 &&
        sd_bus_message_append(message, "(sv)", "Description", "s", scope.description.c_str()) >= 0 &&
        sd_bus_message_append(message, "(sv)", "CollectMode", "s", "inactive-or-failed") >= 0 &&
        (scope.slice.empty() ||
         sd_bus_message_append(message, "(sv)", "Slice", "s", scope.slice.c_str()) >= 0) &&
        sd_bus_message_append(message, "(sv)", "PIDs", "au", 1, 0) >= 0 &&
        sd_bus_message_close_container(message) >= 0 && sd_bus_message_append(message, "a(sa(sv))", 0) >= 0;
    return is_complete ? std::move(call) : nullptr;
}

void read_reply(const Reply& reply, ScopeJob& job) {
    job.is_answered = true;
    const char* path = nullptr;
    if (!reply) {
        job.failure = fail(refused(reply.error()));
        return;
    }
    if (sd_bus_message_read(*reply, "o", &path) <= 0) {
        job.failure = fail("the service manager does not start a scope: its answer cannot be read");
        return;
    }
    job.manager = sender_of(*reply);
    job.path = path;
}

} // namespace

Result<void> start_scope(const TransientScope& scope) {
    const auto deadline = steady_clock::now() + time_limit;
    ScopeJob job; // outlives the bus, whose handlers refer to it
    SystemBus bus;
    if (auto opened =
            bus.open_at(scope.socket, scope.is_message_bus ? BusKind::message_bus : BusKind::one_service);
        !opened) {
        return opened;
    }
    if (!bus.subscribe(job_signals, on_job_removed, &job)) {
        return fail("cannot start a scope: the connection to the service manager was closed");
    }
    bus.call(start_call(bus, scope), [&job](const Reply& reply) { read_reply(reply, job); });
    const bool is_over =
        bus.run_until([&] { return !job.failure || (job.is_answered && job.end() != nullptr); }, deadline);
    if (!job.failure) {
        return job.failure;
    }
    if (!is_over) {
        return fail(
            ErrorKind::timed_out,
            bus.is_open() ? "the service manager did not start a scope within 5 s"
                          : "cannot start a scope: the connection to the service manager was closed");
    }
    if (const EndedJob& end = *job.end(); end.result != "done") {
        return fail("the service manager could not start " + scope.name + ": " + end.result);
    }
    return {};
}

} // namespace keeper
