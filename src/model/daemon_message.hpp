// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "model/desired_state.hpp"

namespace keeper {

/// A command's request to the running daemon: load the declaration with this fingerprint from the files or,
/// without one, only report its state.
struct DaemonRequest {
    std::optional<std::string> fingerprint; ///< LoadedConfig::fingerprint
    friend bool operator==(const DaemonRequest&, const DaemonRequest&) = default;
};

struct DaemonReply {
    ReconcileMode mode = ReconcileMode::enforce;
    std::string fingerprint; ///< of the declaration that the daemon has loaded
    std::string refusal;     ///< why it did not load the requested declaration; empty if it did
    bool can_try = false;    ///< it can enforce the candidate of a try; older releases cannot
    friend bool operator==(const DaemonReply&, const DaemonReply&) = default;
};

/// Each message is a JSON object. Unknown keys are ignored, so that both sides may be of different releases.
[[nodiscard]] std::string daemon_request_json(const DaemonRequest& request);
[[nodiscard]] Result<DaemonRequest> parse_daemon_request(const std::string& text);
[[nodiscard]] std::string daemon_reply_json(const DaemonReply& reply);
[[nodiscard]] Result<DaemonReply> parse_daemon_reply(const std::string& text);

/// Both sides refuse longer messages.
inline constexpr std::size_t largest_daemon_message = 64 * 1024;

} // namespace keeper
