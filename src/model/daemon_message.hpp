#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "model/desired_state.hpp"

namespace keeper {

/// What a command asks the running daemon: to take over the declaration with that fingerprint from the files,
/// or, without one, only how it is run.
struct DaemonRequest {
    std::optional<std::string> fingerprint; ///< LoadedConfig::fingerprint
    friend bool operator==(const DaemonRequest&, const DaemonRequest&) = default;
};

struct DaemonReply {
    ReconcileMode mode = ReconcileMode::enforce;
    std::string fingerprint; ///< of the declaration that the daemon has loaded
    std::string refusal;     ///< why it did not take over what it was asked to; empty where it did
    friend bool operator==(const DaemonReply&, const DaemonReply&) = default;
};

/// One message of the socket each: a JSON object. Unknown keys are ignored, so that releases can differ.
[[nodiscard]] std::string daemon_request_json(const DaemonRequest& request);
[[nodiscard]] Result<DaemonRequest> parse_daemon_request(const std::string& text);
[[nodiscard]] std::string daemon_reply_json(const DaemonReply& reply);
[[nodiscard]] Result<DaemonReply> parse_daemon_reply(const std::string& text);

/// Longer messages are refused by either side.
inline constexpr std::size_t largest_daemon_message = 64 * 1024;

} // namespace keeper
