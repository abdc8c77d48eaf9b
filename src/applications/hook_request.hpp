// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keeper {

/// The folder, readable by everyone and writable by root, in which mptcp-keeper and the loader of the program
/// hook (mptcp-keeper-bpf) exchange files.
inline constexpr std::string_view hook_folder = "/run/mptcp-keeper/program-hook";
/// Written by mptcp-keeper before it starts the loader: to_text() of a HookRequest.
inline constexpr std::string_view hook_request_file = "/run/mptcp-keeper/program-hook/request";
/// Written by the loader once the hook is attached: a verbatim copy of the request.
inline constexpr std::string_view hook_attached_file = "/run/mptcp-keeper/program-hook/attached";
/// Written by the loader if the kernel refuses the hook: one line that says why.
inline constexpr std::string_view hook_refused_file = "/run/mptcp-keeper/program-hook/refused";

/// The programs whose TCP sockets become MPTCP sockets when they are created.
struct HookRequest {
    bool all = false;
    std::vector<std::string> slices; ///< exact names
    std::vector<std::string>
        excluded; ///< globs (fnmatch(3), no flags) over the names of units, scopes and slices

    friend bool operator==(const HookRequest&, const HookRequest&) = default;
};

/// The text of a request. Equal sets have equal texts: names are sorted and occur once.
[[nodiscard]] std::string to_text(const HookRequest& request);

/// A unit's name has at most 255 bytes, and in a glob each may be escaped.
inline constexpr std::size_t longest_hook_glob = 510;

/// Whether the name can be a slice of a request: a unit name (systemd.unit(5)) that ends in ".slice".
[[nodiscard]] bool is_slice_name(std::string_view name);

/// Whether the glob can be excluded by a request: 1 to 510 bytes without spaces, control characters and
/// slashes.
[[nodiscard]] bool is_hook_glob(std::string_view glob);

/// The request of a text, with sorted names that occur once; std::nullopt if any line is not understood.
[[nodiscard]] std::optional<HookRequest> parse_hook_request(std::string_view text);

/// The protocol for which socket(AF_NETLINK, SOCK_RAW, protocol) succeeds in the host's network namespace
/// while a hook of any request is attached. Without a hook, the kernel refuses it with EPROTONOSUPPORT.
inline constexpr int any_probe = 0x3d4b6565;

/// Like any_probe, but only for the hook of the request with this text.
[[nodiscard]] int exact_probe(std::string_view text);

} // namespace keeper
