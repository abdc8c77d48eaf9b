#pragma once

#include <chrono>
#include <list>
#include <memory>
#include <string>

#include "adapters/events/poll_source.hpp"
#include "adapters/files/unique_fd.hpp"
#include "base/result.hpp"
#include "ports/request_port.hpp"

namespace keeper {

/// The daemon's end of the socket by which commands speak to it: a Unix socket of packets, mode 0600, which
/// is removed when this object ends. One connection carries one request and its reply. Peers other than root
/// and the own user are closed at once; one that sends nothing is closed after some seconds, and none of them
/// holds up the daemon.
class RequestSocket final : public RequestPort {
  public:
    /// Replaces what a daemon before has left at that path.
    [[nodiscard]] static Result<std::unique_ptr<RequestSocket>> listen(const std::string& path);
    ~RequestSocket() override;
    RequestSocket(const RequestSocket&) = delete;
    RequestSocket& operator=(const RequestSocket&) = delete;

    void serve(const Answer& answer) override;

    /// Readable whenever a command has connected or sent something.
    [[nodiscard]] int descriptor() const { return events_.get(); }
    /// Accepts and reads what there is; whether a request waits for serve().
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
    UniqueFd events_; ///< epoll over the listener and the connections whose request is to come
    std::list<Connection> connections_;
};

/// The socket as one of the event loop's sources.
class RequestWatch final : public PollSource {
  public:
    explicit RequestWatch(RequestSocket& socket) : socket_(socket) {}

    [[nodiscard]] pollfd interest() override { return {socket_.descriptor(), POLLIN, 0}; }
    [[nodiscard]] Events collect() override { return socket_.collect() ? Events{Event::asked} : Events{}; }

  private:
    RequestSocket& socket_;
};

} // namespace keeper
