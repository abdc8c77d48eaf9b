// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cerrno>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "netlink/codec/request.hpp"

struct mnl_socket;

namespace keeper::netlink {

/// Why a request failed: the kernel's error, or that of the socket.
struct Refusal {
    int error = 0;       ///< an errno, positive
    std::string message; ///< the kernel's explanation (extended ack), may be empty
    friend bool operator==(const Refusal&, const Refusal&) = default;
};

template <class T>
using Answer = tl::expected<T, Refusal>;

/// The kernel's explanation if there is one, otherwise the errno's text.
[[nodiscard]] std::string to_string(const Refusal& refusal);
/// EPERM and EACCES are not_permitted, ETIMEDOUT timed_out, a missing protocol unavailable, others failed.
[[nodiscard]] Error to_error(const Refusal& refusal);

/// One netlink socket, in the network namespace in which it is first used.
///
/// The first request opens the socket. Every call returns: each datagram of an answer has a deadline of 5 s.
/// After a failure of the socket itself (not a refusal) the next call opens a new one, so that a late answer
/// is not mistaken for that to a later request. Not thread-safe.
class NetlinkSocket {
  public:
    /// NETLINK_ROUTE, NETLINK_GENERIC or NETLINK_SOCK_DIAG.
    explicit NetlinkSocket(int protocol);

    /// The result of a parser, which is a function from Message to an optional value.
    template <class Parse>
    using Parsed = typename std::invoke_result_t<Parse, const Message&>::value_type;

    /// Sends a request that is answered by an acknowledgement alone.
    [[nodiscard]] Answer<void> execute(Request request) {
        return acknowledged(request, [](const Message&) {});
    }

    /// Sends a request that is answered by one message. EBADMSG if the parser cannot parse it.
    template <class Parse>
    [[nodiscard]] Answer<Parsed<Parse>> query(Request request, Parse parse) {
        decltype(parse(std::declval<const Message&>())) found;
        const auto done = acknowledged(request, [&](const Message& message) { found = parse(message); });
        if (!done) {
            return propagate(done);
        }
        if (!found) {
            return tl::unexpected<Refusal>(Refusal{EBADMSG, "the kernel's answer cannot be parsed"});
        }
        return std::move(*found);
    }

    /// Sends a dump request and collects what the parser returns; other messages are skipped. If the kernel
    /// reports that the table changed during the dump, the dump starts again; EBUSY after too many starts.
    template <class Parse>
    [[nodiscard]] Answer<std::vector<Parsed<Parse>>> dump(Request request, Parse parse) {
        constexpr int most_starts = 20;
        for (int start = 0; start < most_starts; ++start) {
            std::vector<Parsed<Parse>> items;
            const auto consistent = exchange(request, [&](const Message& message) {
                if (auto item = parse(message)) {
                    items.push_back(std::move(*item));
                }
            });
            if (!consistent) {
                return propagate(consistent);
            }
            if (*consistent) {
                return items;
            }
        }
        return tl::unexpected<Refusal>(Refusal{EBUSY, "the kernel's table kept changing while it was read"});
    }

  private:
    using Visitor = std::function<void(const Message&)>;
    struct Close {
        void operator()(mnl_socket* socket) const;
    };

    [[nodiscard]] Answer<void> open();
    [[nodiscard]] Answer<void> acknowledged(Request& request, const Visitor& visit);
    /// Sends the request and visits all messages of the answer. False if a dump is inconsistent.
    [[nodiscard]] Answer<bool> exchange(Request& request, const Visitor& visit);
    [[nodiscard]] Answer<Bytes> receive();
    [[nodiscard]] tl::unexpected<Refusal> broken(int error);

    int protocol_;
    std::unique_ptr<mnl_socket, Close> socket_;
    std::uint32_t sequence_ = 0;
    std::vector<std::uint8_t> buffer_;
};

} // namespace keeper::netlink
