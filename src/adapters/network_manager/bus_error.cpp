// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/network_manager/bus_error.hpp"

#include <fmt/format.h>

namespace keeper {

namespace {

/// The error's D-Bus name; empty for a local error. Names are compared instead of GError codes, since libnm
/// registers its codes only when it is first used, and newer daemons have codes that it lacks.
std::string remote_name(const GError& error) {
    const CharPtr name(g_dbus_error_get_remote_error(&error));
    return name ? name.get() : "";
}

std::string plain_message(const GError& error) {
    const GErrorPtr copy(g_error_copy(&error));
    g_dbus_error_strip_remote_error(copy.get());
    std::string message = copy->message != nullptr ? copy->message : "unknown error";
    while (!message.empty() && (message.back() == '.' || message.back() == '\n')) {
        message.pop_back();
    }
    return message;
}

bool ends_with_any(std::string_view name, std::initializer_list<std::string_view> endings) {
    for (const std::string_view ending : endings) {
        if (name.ends_with(ending)) {
            return true;
        }
    }
    return false;
}

bool is_refusal(const GError& error) {
    return ends_with_any(remote_name(error), {".PermissionDenied", ".AccessDenied", ".AuthFailed"}) ||
           g_error_matches(&error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED) != FALSE;
}

} // namespace

BusFailure classify(const GError& error) {
    const std::string name = remote_name(error);
    if (ends_with_any(name, {".VersionIdMismatch"})) {
        return BusFailure::version_mismatch;
    }
    if (ends_with_any(name, {".UnknownMethod", ".UnknownObject", ".UnknownInterface", ".NotActive"})) {
        return BusFailure::gone;
    }
    // The bus answers "NoReply" when the callee disconnects.
    if (ends_with_any(name, {".ServiceUnknown", ".NameHasNoOwner", ".Disconnected", ".NoReply"}) ||
        g_error_matches(&error, G_IO_ERROR, G_IO_ERROR_CLOSED) != FALSE) {
        return BusFailure::went_away;
    }
    return BusFailure::other;
}

Error to_error(std::string_view context, const GError& error) {
    if (g_error_matches(&error, G_IO_ERROR, G_IO_ERROR_CANCELLED) != FALSE ||
        g_error_matches(&error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT) != FALSE) {
        return no_answer(context);
    }
    if (is_refusal(error)) {
        return Error{
            ErrorKind::not_permitted,
            fmt::format("{}: not permitted ({}); run as root", context, plain_message(error))};
    }
    switch (classify(error)) {
    case BusFailure::went_away:
        return Error{
            ErrorKind::unavailable,
            fmt::format("{}: NetworkManager stopped; try again when it is back", context)};
    case BusFailure::gone:
        return Error{ErrorKind::failed, fmt::format("{}: it no longer exists", context)};
    case BusFailure::version_mismatch:
        return Error{
            ErrorKind::busy, fmt::format("{}: another program keeps changing it; try again", context)};
    case BusFailure::other:
        break;
    }
    return Error{ErrorKind::failed, fmt::format("{}: {}", context, plain_message(error))};
}

Error not_running() {
    return Error{
        ErrorKind::unavailable,
        "NetworkManager is not running; start it with `systemctl start NetworkManager`"};
}

Error no_answer(std::string_view context) {
    return Error{
        ErrorKind::timed_out,
        fmt::format(
            "{}: NetworkManager did not answer in time; see `systemctl status NetworkManager`", context)};
}

} // namespace keeper
