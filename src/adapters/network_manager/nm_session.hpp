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

/// NetworkManager's answer to a raw D-Bus call.
using Reply = tl::expected<VariantPtr, GErrorPtr>;
using ReplyHandler = std::function<void(Reply reply)>;

/// A method of one of NetworkManager's objects.
struct Method {
    const char* interface;
    const char* name;
    const char* reply_type; ///< as a GVariant type string
};

/// One port call under way: cancelled, all at once, when its time is over.
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

/// The line to NetworkManager: a D-Bus connection of our own and an NMClient on it, made when first needed,
/// kept, and made anew after NetworkManager or the bus was restarted.
///
/// The connection is private, since the one that GIO shares ends the process when the bus goes away.
/// Single-threaded. Everything happens inside ready() and run(), which end at the round's deadline;
/// completions that come later find their state alive and change nothing that anybody reads.
class NmSession {
  public:
    NmSession() = default;
    NmSession(const NmSession&) = delete;
    NmSession& operator=(const NmSession&) = delete;
    ~NmSession();

    /// Makes client() speak to the NetworkManager that runs; what it shows may be a little old.
    /// ErrorKind::unavailable: NetworkManager is not running.
    [[nodiscard]] Result<void> ready(Round& round);
    /// As ready(), and client() knows everything that NetworkManager had announced when it was called.
    [[nodiscard]] Result<void> refresh(Round& round);
    /// Only after ready() or refresh() has succeeded, and until the next of them.
    [[nodiscard]] NMClient* client() const { return client_.get(); }

    /// Whether client() was made by the last refresh(): what it holds was read just now.
    [[nodiscard]] bool is_fresh() const { return is_fresh_; }

    /// Calls a method of the NetworkManager that client() speaks to, without waiting. `arguments` may be
    /// floating.
    void call(
        Round& round,
        const std::string& path,
        const Method& method,
        GVariant* arguments,
        ReplyHandler handler);

    /// Runs items through a window of kWindow until all have ended (true) or the deadline has passed
    /// (false), in which case those under way are cancelled.
    [[nodiscard]] bool run(Round& round, std::size_t count, CallWindow::Start start);

    /// For calls that libnm makes: they complete inside run().
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
    std::string owner_; ///< unique bus name of the NetworkManager that client_ was made for
};

} // namespace keeper
