// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <list>
#include <memory>
#include <string>
#include <utility>

#include "adapters/events/poll_source.hpp"
#include "adapters/files/unique_fd.hpp"
#include "base/result.hpp"
#include "ports/request_port.hpp"

namespace keeper {

/// The daemon's end of the socket for commands: a SOCK_SEQPACKET Unix socket, mode 0600, which the destructor
/// removes. One connection carries one request and its reply. Connections from users other than root and the
/// daemon's own are closed at once, those that send nothing after some seconds; none of them blocks the
/// daemon.
class RequestSocket final : public RequestPort {
  public:
    /// Replaces a socket that an earlier daemon left at that path.
    [[nodiscard]] static Result<std::unique_ptr<RequestSocket>> listen(const std::string& path);
    ~RequestSocket() override;
    RequestSocket(const RequestSocket&) = delete;
    RequestSocket& operator=(const RequestSocket&) = delete;

    void serve(const Answer& answer) override;

    /// Readable whenever a command has connected or sent something.
    [[nodiscard]] int descriptor() const { return events_.get(); }
    /// Accepts connections and reads requests; whether a request waits for serve().
    [[nodiscard]] bool collect();

  private:
    using Clock = std::chrono::steady_clock;
    struct Connection {
        UniqueFd fd;
        Clock::time_point since;
        std::string request;
        bool is_complete = false;
        bool is_over = false;
    };

    RequestSocket(std::string path, UniqueFd listener, UniqueFd events)
        : path_(std::move(path)), listener_(std::move(listener)), events_(std::move(events)) {}
    void accept_all();
    void read_one(Connection& connection);

    std::string path_;
    UniqueFd listener_;
    UniqueFd events_; ///< epoll on the listener and the connections that have not sent their request
    std::list<Connection> connections_;
};

/// The socket as a source of the event loop.
class RequestWatch final : public PollSource {
  public:
    explicit RequestWatch(RequestSocket& socket) : socket_(socket) {}

    [[nodiscard]] pollfd interest() override { return {socket_.descriptor(), POLLIN, 0}; }
    [[nodiscard]] Wakeup collect() override {
        return socket_.collect() ? Events{Event::request_pending} : Events{};
    }

  private:
    RequestSocket& socket_;
};

} // namespace keeper
