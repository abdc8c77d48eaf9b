// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/network_manager/bus_error.hpp"

#include <initializer_list>

#include <fmt/format.h>

namespace keeper {

namespace {

std::string plain_message(const BusError& error) {
    std::string message = error.message.empty() ? "unknown error" : error.message;
    while (!message.empty() && (message.back() == '.' || message.back() == '\n')) {
        message.pop_back();
    }
    return message;
}

/// NetworkManager's names differ from those of the bus only before the last dot.
bool ends_with_any(std::string_view name, std::initializer_list<std::string_view> endings) {
    for (const std::string_view ending : endings) {
        if (name.ends_with(ending)) {
            return true;
        }
    }
    return false;
}

} // namespace

BusFailure classify(const BusError& error) {
    if (ends_with_any(error.name, {".VersionIdMismatch"})) {
        return BusFailure::version_mismatch;
    }
    if (ends_with_any(error.name, {".UnknownMethod", ".UnknownObject", ".UnknownInterface", ".NotActive"})) {
        return BusFailure::gone;
    }
    // The bus answers "NoReply" when the callee disconnects, and sd-bus when the bus does.
    // A NetworkManager that is about to stop refuses calls with this message.
    if (error.message == "NetworkManager is exiting" ||
        ends_with_any(error.name, {".ServiceUnknown", ".NameHasNoOwner", ".Disconnected", ".NoReply"})) {
        return BusFailure::went_away;
    }
    return BusFailure::other;
}

Error to_error(std::string_view context, const BusError& error) {
    if (ends_with_any(error.name, {".PermissionDenied", ".AccessDenied", ".AuthFailed"})) {
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

Error no_answer(std::string_view context) {
    return Error{
        ErrorKind::timed_out,
        fmt::format(
            "{}: NetworkManager did not answer in time; see `systemctl status NetworkManager`", context)};
}

Error unreadable_answer(std::string_view context) {
    return Error{ErrorKind::failed, fmt::format("{}: NetworkManager's answer cannot be parsed", context)};
}

} // namespace keeper
