// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/network_manager/system_bus.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "adapters/network_manager/network_manager_run.hpp"

namespace keeper {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// More concurrent calls gain nothing, and the bus refuses far more.
constexpr std::size_t window_width = 16;
/// The caller's deadline ends calls; sd-bus's own default of 25 s must not.
constexpr std::uint64_t call_timeout_us = 3600ULL * 1000 * 1000;

std::string bus_address() {
    const char* address = std::getenv(system_bus_variable);
    return address != nullptr ? address : system_bus_socket;
}

/// The address of a socket, in which most bytes must be escaped (D-Bus specification, "Server Addresses").
std::string address_of(const std::string& socket) {
    std::string address = "unix:path=";
    for (const char byte : socket) {
        const bool is_plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                              (byte >= '0' && byte <= '9') ||
                              (byte != '\0' && std::strchr("-_/.", byte) != nullptr);
        address += is_plain ? std::string(1, byte) : fmt::format("%{:02x}", static_cast<unsigned char>(byte));
    }
    return address;
}

BusError disconnected() {
    return {"org.freedesktop.DBus.Error.Disconnected", "the connection to the bus was closed"};
}

} // namespace

Result<void> SystemBus::open() {
    close();
    sd_bus* bus = nullptr;
    const int opened = sd_bus_open_system(&bus);
    if (opened < 0) {
        return fail(
            ErrorKind::unavailable,
            fmt::format(
                "NetworkManager is not running: no system message bus at {} ({}); start both with "
                "`systemctl start dbus NetworkManager`",
                bus_address(),
                std::strerror(-opened)));
    }
    bus_.reset(bus);
    return {};
}

Result<void> SystemBus::open_at(const std::string& socket, BusKind kind) {
    close();
    sd_bus* bus = nullptr;
    int opened = sd_bus_new(&bus);
    bus_.reset(bus);
    if (opened >= 0) {
        opened = sd_bus_set_address(bus, address_of(socket).c_str());
    }
    if (opened >= 0) {
        opened = sd_bus_set_bus_client(bus, kind == BusKind::message_bus ? 1 : 0);
    }
    if (opened >= 0) {
        opened = sd_bus_start(bus);
    }
    if (opened < 0) {
        close();
        return fail(
            ErrorKind::unavailable, fmt::format("cannot connect to {}: {}", socket, std::strerror(-opened)));
    }
    return {};
}

bool SystemBus::is_ready() const {
    return bus_ && sd_bus_is_ready(bus_.get()) > 0;
}

void SystemBus::close() {
    calls_.clear();
    bus_.reset();
}

void SystemBus::lose() {
    // The handlers of a lost connection may already use a new one.
    std::list<Call> lost = std::exchange(calls_, {});
    for (Call& call : lost) {
        call.slot.reset();
    }
    bus_.reset();
    for (const Call& call : lost) {
        call.handler(tl::unexpected(disconnected()));
    }
}

MessagePtr SystemBus::new_call(const std::string& service, const std::string& path, const Method& method) {
    sd_bus_message* message = nullptr;
    if (!bus_ ||
        sd_bus_message_new_method_call(
            bus_.get(), &message, service.c_str(), path.c_str(), method.interface, method.name) < 0) {
        return nullptr;
    }
    (void)sd_bus_message_set_auto_start(message, 0);
    return MessagePtr(message);
}

void SystemBus::call(MessagePtr message, ReplyHandler handler) {
    const auto call = calls_.emplace(calls_.end());
    call->bus = this;
    call->handler = std::move(handler);
    call->self = call;
    sd_bus_slot* slot = nullptr;
    const int sent =
        bus_ && message
            ? sd_bus_call_async(bus_.get(), &slot, message.get(), on_reply, &*call, call_timeout_us)
            : -ENOTCONN;
    call->slot.reset(slot);
    if (sent < 0) {
        finish(*call, tl::unexpected(disconnected()));
    }
}

int SystemBus::on_reply(sd_bus_message* reply, void* user_data, sd_bus_error*) noexcept {
    Call& call = *static_cast<Call*>(user_data);
    try {
        const sd_bus_error* error = sd_bus_message_get_error(reply);
        if (error == nullptr) {
            call.bus->finish(call, reply);
        } else {
            call.bus->finish(
                call,
                tl::unexpected(BusError{
                    error->name != nullptr ? error->name : "",
                    error->message != nullptr ? error->message : ""}));
        }
    } catch (...) {
        // Only lack of memory can throw here. The caller is C code, so the exception must not leave this
        // function; the call stays unanswered and ends at its deadline.
    }
    return 0;
}

void SystemBus::finish(Call& call, const Reply& reply) {
    const std::list<Call> finished = [&] {
        std::list<Call> one;
        one.splice(one.end(), calls_, call.self);
        return one;
    }();
    finished.front().handler(reply);
}

bool SystemBus::subscribe(const char* match, sd_bus_message_handler_t handler, void* user_data) {
    // Asynchronous, so that nothing here waits for the bus.
    return bus_ && sd_bus_add_match_async(bus_.get(), nullptr, match, handler, nullptr, user_data) >= 0;
}

bool SystemBus::process() {
    // Bounded, so that a flood of signals cannot keep a caller from its deadline.
    for (int i = 0; bus_ && i < 1000; ++i) {
        const int processed = sd_bus_process(bus_.get(), nullptr);
        if (processed == 0) {
            return true;
        }
        if (processed < 0) {
            lose();
        }
    }
    return is_open();
}

bool SystemBus::run_until(const std::function<bool()>& done, Deadline deadline) {
    while (!done()) {
        if (!process()) {
            return done();
        }
        if (done()) {
            return true;
        }
        const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
        if (left.count() <= 0) {
            return false;
        }
        const milliseconds next = time_to_next();
        pollfd wanted = interest();
        (void)::poll(
            &wanted,
            1,
            static_cast<int>(std::clamp<long long>(
                next.count() < 0 ? left.count() : std::min(left, next).count(), 0, 3600000)));
    }
    return true;
}

bool SystemBus::run_items(std::size_t count, const CallWindow::Start& start, Deadline deadline) {
    const auto window = CallWindow::open(count, window_width, start);
    if (run_until([&] { return window->is_idle(); }, deadline)) {
        return true;
    }
    window->stop();
    cancel_calls();
    return false;
}

pollfd SystemBus::interest() const {
    if (!bus_) {
        return {-1, 0, 0};
    }
    return {sd_bus_get_fd(bus_.get()), static_cast<short>(std::max(sd_bus_get_events(bus_.get()), 0)), 0};
}

milliseconds SystemBus::time_to_next() const {
    std::uint64_t at_us = UINT64_MAX;
    if (!bus_ || sd_bus_get_timeout(bus_.get(), &at_us) <= 0 || at_us == UINT64_MAX) {
        return milliseconds(-1);
    }
    const auto now_us =
        std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now().time_since_epoch()).count();
    const auto left = static_cast<std::int64_t>(at_us) - now_us;
    return milliseconds(std::max<std::int64_t>(left / 1000 + (left > 0 ? 1 : 0), 0));
}

} // namespace keeper
