// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <NetworkManager.h>
#include <tl/expected.hpp>

#include "adapters/network_manager/call_window.hpp"
#include "adapters/network_manager/event_context.hpp"
#include "adapters/network_manager/glib_ptr.hpp"
#include "base/result.hpp"

namespace keeper {

/// NetworkManager's reply to a raw D-Bus call.
using Reply = tl::expected<VariantPtr, GErrorPtr>;
using ReplyHandler = std::function<void(Reply reply)>;

/// A method of one of NetworkManager's objects.
struct Method {
    const char* interface;
    const char* name;
    const char* reply_type; ///< as a GVariant type string
};

/// The deadline of a port call, and the means to cancel all its D-Bus calls at once.
class Round {
  public:
    explicit Round(Deadline deadline) : deadline_(deadline), cancellable_(g_cancellable_new()) {}

    [[nodiscard]] Deadline deadline() const { return deadline_; }
    [[nodiscard]] GCancellable* cancellable() const { return cancellable_.get(); }
    void cancel() { g_cancellable_cancel(cancellable_.get()); }

  private:
    Deadline deadline_;
    GObjectPtr<GCancellable> cancellable_;
};

/// The connection to NetworkManager: a private D-Bus connection and an NMClient on it, created when first
/// needed, kept, and re-created after NetworkManager or the bus was restarted.
///
/// The connection is private, since GIO's shared one ends the process when the bus goes away.
/// Single-threaded. Everything happens inside ready() and run_items(), which end at the round's deadline;
/// state for calls that complete later is kept alive, but no longer read.
class NmSession {
  public:
    NmSession() = default;
    NmSession(const NmSession&) = delete;
    NmSession& operator=(const NmSession&) = delete;
    ~NmSession();

    /// Connects client() to the running NetworkManager; its data may be slightly outdated.
    /// ErrorKind::unavailable: NetworkManager is not running.
    [[nodiscard]] Result<void> ready(Round& round);
    /// Like ready(), and client() has received everything that NetworkManager had announced at the call.
    [[nodiscard]] Result<void> refresh(Round& round);
    /// Only after ready() or refresh() has succeeded, and until the next of them.
    [[nodiscard]] NMClient* client() const { return client_.get(); }
    /// The version of the NetworkManager that client() is connected to, "1.42.4"; "" if unknown.
    [[nodiscard]] std::string version() const;

    /// Whether the last refresh() created client(), so that its data was just read.
    [[nodiscard]] bool is_fresh() const { return is_fresh_; }

    /// Calls a method of the NetworkManager that client() is connected to, without waiting. `arguments` may
    /// be floating.
    void call(
        Round& round,
        const std::string& path,
        const Method& method,
        GVariant* arguments,
        ReplyHandler handler);

    /// Runs items, window_width at a time, until all have ended (true) or the deadline has passed (false), in
    /// which case pending ones are cancelled.
    [[nodiscard]] bool run_items(Round& round, std::size_t count, CallWindow::Start start);

    /// For calls that libnm makes: they complete inside run_items().
    [[nodiscard]] EventContext& context() { return context_; }

  private:
    [[nodiscard]] Result<void> open_bus(Round& round);
    [[nodiscard]] Result<void> open_client(Round& round);
    [[nodiscard]] Result<void> catch_up(Round& round);
    void close_client();
    [[nodiscard]] bool is_bus_open() const;
    [[nodiscard]] bool is_client_current() const;

    EventContext context_;
    GObjectPtr<GDBusConnection> bus_;
    GObjectPtr<NMClient> client_;
    bool is_fresh_ = false;
    std::string owner_; ///< unique bus name of the NetworkManager that client_ is connected to
};

} // namespace keeper
