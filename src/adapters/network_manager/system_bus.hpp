// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <utility>

#include <poll.h>
#include <systemd/sd-bus.h>
#include <tl/expected.hpp>

#include "adapters/network_manager/bus_error.hpp"
#include "adapters/network_manager/call_window.hpp"
#include "base/result.hpp"

namespace keeper {

using Deadline = std::chrono::steady_clock::time_point;

struct SlotRelease {
    void operator()(sd_bus_slot* slot) const { sd_bus_slot_unref(slot); }
};
using SlotPtr = std::unique_ptr<sd_bus_slot, SlotRelease>;

struct MessageRelease {
    void operator()(sd_bus_message* message) const { sd_bus_message_unref(message); }
};
using MessagePtr = std::unique_ptr<sd_bus_message, MessageRelease>;

/// The reply to a call, or the error that was sent instead. Valid only during the handler.
using Reply = tl::expected<sd_bus_message*, BusError>;
using ReplyHandler = std::function<void(const Reply& reply)>;

/// A method of a D-Bus interface.
struct Method {
    const char* interface;
    const char* name;
};

/// What listens on a socket: a message bus, or one service that speaks the protocol without a bus.
enum class BusKind { message_bus, one_service };

/// A connection to a message bus (sd-bus): the system's, or the one of open_at(). Nothing here waits, except
/// run_until(), which ends at its deadline: a frozen bus or peer delays its caller by that time at most.
///
/// Single-threaded. Handlers are called inside run_until() and process() only, and may make further calls.
class SystemBus {
  public:
    SystemBus() = default;
    SystemBus(const SystemBus&) = delete;
    SystemBus& operator=(const SystemBus&) = delete;

    /// Starts to connect. ErrorKind::unavailable: there is no system bus.
    [[nodiscard]] Result<void> open();
    /// Starts to connect to the bus, or to the peer, with that socket. The message of an error names it.
    [[nodiscard]] Result<void> open_at(const std::string& socket, BusKind kind);
    [[nodiscard]] bool is_open() const { return bus_ != nullptr; }
    /// The bus has accepted this connection.
    [[nodiscard]] bool is_ready() const;
    /// Discards pending calls without calling their handlers. Does not flush, which would wait for a frozen
    /// bus.
    void close();

    /// A new call, to which arguments can be appended; null if the connection was closed. It does not start
    /// the service.
    [[nodiscard]] MessagePtr
    new_call(const std::string& service, const std::string& path, const Method& method);
    /// The same with arguments, as for sd_bus_message_append(3).
    template <class... Arguments>
    [[nodiscard]] MessagePtr new_call(
        const std::string& service,
        const std::string& path,
        const Method& method,
        const char* types,
        Arguments... arguments) {
        MessagePtr message = new_call(service, path, method);
        return message && sd_bus_message_append(message.get(), types, arguments...) >= 0 ? std::move(message)
                                                                                         : nullptr;
    }
    /// Sends a call without waiting. If that is impossible, the handler is called at once.
    void call(MessagePtr message, ReplyHandler handler);
    /// Discards the pending calls that were made with call(); their handlers are not called.
    void cancel_calls() { calls_.clear(); }
    /// For calls that outlast a round; null if closed.
    [[nodiscard]] sd_bus* handle() const { return bus_.get(); }

    /// Subscribes to signals (a match rule of the D-Bus specification). False if the connection is lost.
    [[nodiscard]] bool subscribe(const char* match, sd_bus_message_handler_t handler, void* user_data);

    /// Handles what has arrived, up to a number of messages. False if the connection was lost: it is then
    /// closed, and the handlers of pending calls have been called with an error.
    bool process();
    /// Handles messages until `done` returns true (true), the deadline has passed or the connection is lost
    /// (then whatever `done` returns).
    [[nodiscard]] bool run_until(const std::function<bool()>& done, Deadline deadline);
    /// Runs items, some at a time since the bus refuses more than some hundred calls in flight, until all
    /// have ended (true) or the deadline has passed (false), in which case pending calls are discarded.
    [[nodiscard]] bool run_items(std::size_t count, const CallWindow::Start& start, Deadline deadline);

    /// For poll(2); fd -1 if closed.
    [[nodiscard]] pollfd interest() const;
    /// After how long process() must be called even if nothing arrives; a negative number for never.
    [[nodiscard]] std::chrono::milliseconds time_to_next() const;

  private:
    struct BusClose {
        void operator()(sd_bus* bus) const { sd_bus_close_unref(bus); }
    };
    struct Call {
        SystemBus* bus = nullptr;
        ReplyHandler handler;
        SlotPtr slot;
        std::list<Call>::iterator self;
    };
    static int on_reply(sd_bus_message* reply, void* call, sd_bus_error* error) noexcept;
    void finish(Call& call, const Reply& reply);
    void lose();

    std::unique_ptr<sd_bus, BusClose> bus_;
    std::list<Call> calls_; ///< destroyed before the bus, which their slots refer to
};

} // namespace keeper
