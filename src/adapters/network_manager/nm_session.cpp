// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/network_manager/nm_session.hpp"

#include <fmt/format.h>

#include "adapters/network_manager/bus_error.hpp"
#include "adapters/network_manager/nm_methods.hpp"

namespace keeper {

namespace {

/// More concurrent calls gain nothing, and the bus refuses far more.
constexpr std::size_t window_width = 16;
/// Cancelled calls complete locally, so this time is never used up.
constexpr std::chrono::seconds cancel_grace{1};
constexpr const char* manager_path = "/org/freedesktop/NetworkManager";
constexpr const char* manager_interface = "org.freedesktop.NetworkManager";

/// The result of an asynchronous constructor of GIO or libnm.
template <class T>
struct Opening {
    bool done = false;
    GObjectPtr<T> object;
    GErrorPtr error;
};

/// Waits for an opening; cancels it at the deadline and lets it end.
template <class T>
void await(EventContext& context, Round& round, const std::shared_ptr<Opening<T>>& opening) {
    if (!context.run_until([&] { return opening->done; }, round.deadline())) {
        round.cancel();
        (void)context.run_until(
            [&] { return opening->done; }, std::chrono::steady_clock::now() + cancel_grace);
    }
}

} // namespace

NmSession::~NmSession() {
    close_client();
}

std::string NmSession::version() const {
    const char* version = nm_client_get_version(client_.get());
    return version != nullptr ? version : "";
}

bool NmSession::is_client_current() const {
    const char* owner = nm_client_get_dbus_name_owner(client_.get());
    return owner != nullptr && owner_ == owner;
}

bool NmSession::is_bus_open() const {
    return bus_ && g_dbus_connection_is_closed(bus_.get()) == FALSE;
}

Result<void> NmSession::ready(Round& round) {
    const EventContext::Scope scope(context_);
    context_.drain();
    if (!is_bus_open()) {
        close_client();
        if (auto opened = open_bus(round); !opened) {
            return opened;
        }
    }
    if (client_ && is_client_current()) {
        return {};
    }
    close_client();
    return open_client(round);
}

Result<void> NmSession::refresh(Round& round) {
    const bool is_kept = client_ != nullptr;
    is_fresh_ = !is_kept;
    if (const Result<void> result = ready(round); !result || !is_kept) {
        return result;
    }
    if (const Result<void> result = catch_up(round); !result) {
        return result;
    }
    // It may have turned out that NetworkManager was restarted.
    return ready(round);
}

Result<void> NmSession::open_bus(Round& round) {
    bus_.reset();
    GErrorSlot error;
    const CharPtr address(g_dbus_address_get_for_bus_sync(G_BUS_TYPE_SYSTEM, nullptr, error.out()));
    if (!address) {
        return fail(to_error("cannot find the system message bus", *error.take()));
    }
    const auto opening = std::make_shared<Opening<GDBusConnection>>();
    const auto flags = static_cast<GDBusConnectionFlags>(
        G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION);
    g_dbus_connection_new_for_address(
        address.get(),
        flags,
        nullptr,
        round.cancellable(),
        on_completion,
        to_user_data([opening](GObject*, GAsyncResult* result) {
            GErrorSlot slot;
            opening->object.reset(g_dbus_connection_new_for_address_finish(result, slot.out()));
            opening->error = slot.take();
            opening->done = true;
        }));
    await(context_, round, opening);
    if (opening->object) {
        bus_ = std::move(opening->object);
        return {};
    }
    if (!opening->error || g_error_matches(opening->error.get(), G_IO_ERROR, G_IO_ERROR_CANCELLED) != FALSE) {
        return fail(
            ErrorKind::timed_out,
            "cannot query NetworkManager: the system message bus did not answer in time");
    }
    return fail(
        ErrorKind::unavailable,
        fmt::format(
            "NetworkManager is not running: no system message bus at {} ({}); start both with "
            "`systemctl start dbus NetworkManager`",
            address.get(),
            opening->error->message));
}

Result<void> NmSession::open_client(Round& round) {
    const auto opening = std::make_shared<Opening<NMClient>>();
    g_async_initable_new_async(
        NM_TYPE_CLIENT,
        G_PRIORITY_DEFAULT,
        round.cancellable(),
        on_completion,
        to_user_data([opening](GObject* source, GAsyncResult* result) {
            GErrorSlot slot;
            opening->object.reset(reinterpret_cast<NMClient*>(
                g_async_initable_new_finish(G_ASYNC_INITABLE(source), result, slot.out())));
            opening->error = slot.take();
            opening->done = true;
        }),
        NM_CLIENT_DBUS_CONNECTION,
        bus_.get(),
        // Permissions are not fetched: each refused call reports that itself.
        NM_CLIENT_INSTANCE_FLAGS,
        static_cast<guint>(NM_CLIENT_INSTANCE_FLAGS_NO_AUTO_FETCH_PERMISSIONS),
        nullptr);
    await(context_, round, opening);
    if (!opening->object) {
        const std::string context = "cannot read NetworkManager's profiles";
        return fail(opening->error ? to_error(context, *opening->error) : no_answer(context));
    }
    client_ = std::move(opening->object);
    const char* owner = nm_client_get_dbus_name_owner(client_.get());
    if (owner == nullptr || nm_client_get_nm_running(client_.get()) == FALSE) {
        close_client();
        return fail(not_running());
    }
    owner_ = owner;
    return {};
}

/// NetworkManager's reply arrives after all signals that it sent before, so by then the client has received
/// them.
Result<void> NmSession::catch_up(Round& round) {
    const EventContext::Scope scope(context_);
    const auto answer = std::make_shared<std::optional<Reply>>();
    call(
        round,
        manager_path,
        get_property_method,
        g_variant_new("(ss)", manager_interface, "Version"),
        [answer](Reply reply) { answer->emplace(std::move(reply)); });
    if (!context_.run_until([&] { return answer->has_value(); }, round.deadline())) {
        round.cancel();
        context_.drain();
        return fail(no_answer("cannot read NetworkManager's profiles"));
    }
    if (answer->value()) {
        return {};
    }
    const GError& error = *answer->value().error();
    if (classify(error) != BusFailure::went_away) {
        return fail(to_error("cannot read NetworkManager's profiles", error));
    }
    close_client();
    return {};
}

void NmSession::close_client() {
    if (!client_) {
        return;
    }
    const EventContext::Scope scope(context_);
    // libnm cleans up in the context after the last unref; its watcher disappears when that is done.
    GObject* watcher = nm_client_get_context_busy_watcher(client_.get());
    g_object_add_weak_pointer(watcher, reinterpret_cast<gpointer*>(&watcher));
    client_.reset();
    if (!context_.run_until(
            [&] { return watcher == nullptr; }, std::chrono::steady_clock::now() + cancel_grace)) {
        g_object_remove_weak_pointer(watcher, reinterpret_cast<gpointer*>(&watcher));
    }
}

void NmSession::call(
    Round& round, const std::string& path, const Method& method, GVariant* arguments, ReplyHandler handler) {
    const EventContext::Scope scope(context_);
    g_dbus_connection_call(
        bus_.get(),
        owner_.c_str(),
        path.c_str(),
        method.interface,
        method.name,
        arguments,
        G_VARIANT_TYPE(method.reply_type),
        G_DBUS_CALL_FLAGS_NO_AUTO_START,
        G_MAXINT, // the round's deadline ends it
        round.cancellable(),
        on_completion,
        to_user_data([handler = std::move(handler)](GObject* source, GAsyncResult* result) {
            GErrorSlot slot;
            VariantPtr value(g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, slot.out()));
            handler(value ? Reply(std::move(value)) : Reply(tl::unexpect, slot.take()));
        }));
}

bool NmSession::run_items(Round& round, std::size_t count, CallWindow::Start start) {
    const EventContext::Scope scope(context_);
    const auto window = CallWindow::open(count, window_width, std::move(start));
    if (context_.run_until([&] { return window->is_idle(); }, round.deadline())) {
        return true;
    }
    window->stop();
    round.cancel();
    (void)context_.run_until(
        [&] { return window->is_idle(); }, std::chrono::steady_clock::now() + cancel_grace);
    return false;
}

} // namespace keeper
