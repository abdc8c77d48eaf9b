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

/// Why a request got no answer: the kernel's error, or that of the way to it.
struct Refusal {
    int error = 0;     ///< an errno, positive
    std::string words; ///< the kernel's own explanation (extended ack), may be empty
    friend bool operator==(const Refusal&, const Refusal&) = default;
};

template <class T>
using Answer = tl::expected<T, Refusal>;

/// The kernel's words where it has some, otherwise the errno's text.
[[nodiscard]] std::string to_string(const Refusal& refusal);
/// EPERM and EACCES are not_permitted, ETIMEDOUT timed_out, a missing protocol unavailable, others failed.
[[nodiscard]] Error to_error(const Refusal& refusal);

/// One netlink socket, in the network namespace in which it is first used.
///
/// Constructing it opens nothing; the first request does. Every call returns: each piece of an answer has a
/// deadline of 5 s. After a failure of the socket itself (not a refusal) the next call opens a new one, so
/// that no late answer is taken for another's. Not thread-safe.
class NetlinkSocket {
  public:
    /// NETLINK_ROUTE, NETLINK_GENERIC or NETLINK_SOCK_DIAG.
    explicit NetlinkSocket(int protocol);

    /// What a parser, a function from Message to an optional value, finds in a message.
    template <class Parse>
    using Parsed = typename std::invoke_result_t<Parse, const Message&>::value_type;

    /// Sends a request that is answered by success alone.
    [[nodiscard]] Answer<void> execute(Request request) {
        return acknowledged(request, [](const Message&) {});
    }

    /// Sends a request that is answered by one message. EBADMSG where the parser found nothing in it.
    template <class Parse>
    [[nodiscard]] Answer<Parsed<Parse>> query(Request request, Parse parse) {
        decltype(parse(std::declval<const Message&>())) found;
        const auto done = acknowledged(request, [&](const Message& message) { found = parse(message); });
        if (!done) {
            return tl::unexpected<Refusal>(done.error());
        }
        if (!found) {
            return tl::unexpected<Refusal>(Refusal{EBADMSG, "the kernel's answer cannot be understood"});
        }
        return std::move(*found);
    }

    /// Sends a dump request and collects what the parser finds; messages in which it finds nothing are left
    /// out. Where the kernel says that something changed meanwhile, the dump starts again; EBUSY after too
    /// many starts.
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
                return tl::unexpected<Refusal>(consistent.error());
            }
            if (*consistent) {
                return items;
            }
        }
        return tl::unexpected<Refusal>(Refusal{EBUSY, "the kernel's list did not hold still to be read"});
    }

  private:
    using Visitor = std::function<void(const Message&)>;
    struct Close {
        void operator()(mnl_socket* socket) const;
    };

    [[nodiscard]] Answer<void> open();
    [[nodiscard]] Answer<void> acknowledged(Request& request, const Visitor& visit);
    /// Sends, and visits all messages up to the end of the answer. False: a dump that is inconsistent.
    [[nodiscard]] Answer<bool> exchange(Request& request, const Visitor& visit);
    [[nodiscard]] Answer<Bytes> receive();
    [[nodiscard]] tl::unexpected<Refusal> broken(int error);

    int protocol_;
    std::unique_ptr<mnl_socket, Close> socket_;
    std::uint32_t sequence_ = 0;
    std::vector<std::uint8_t> buffer_;
};

} // namespace keeper::netlink
