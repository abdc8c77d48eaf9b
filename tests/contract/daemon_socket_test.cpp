// SPDX-License-Identifier: LGPL-2.1-or-later
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapters/daemon/daemon_link.hpp"
#include "adapters/daemon/daemon_socket.hpp"
#include "adapters/daemon/request_socket.hpp"
#include "adapters/daemon/unix_peer.hpp"
#include "adapters/files/declaration_mark_file.hpp"
#include "adapters/processes/process_age.hpp"
#include "support/temporary_tree.hpp"

namespace keeper {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

const DaemonReply manual_v1{.mode = ReconcileMode::manual, .fingerprint = "v1", .refusal = ""};

class DaemonSocketTest : public test::TemporaryTree {
  protected:
    [[nodiscard]] DaemonLink link() const { return DaemonLink(folder_.string()); }
    [[nodiscard]] std::unique_ptr<RequestSocket> listen() {
        auto socket = RequestSocket::listen(link().socket());
        EXPECT_TRUE(socket) << socket.error().message;
        return std::move(*socket);
    }
    [[nodiscard]] Result<std::optional<DaemonReply>>
    ask(const DaemonRequest& request, std::chrono::milliseconds limit = 5s) const {
        return DaemonSocket(folder_.string(), limit).ask(request);
    }
    /// Waits for one request and answers it.
    static DaemonRequest answer_one(RequestSocket& socket, const DaemonReply& reply) {
        DaemonRequest seen;
        bool is_answered = false;
        while (!is_answered) {
            pollfd interest{socket.descriptor(), POLLIN, 0};
            EXPECT_EQ(::poll(&interest, 1, 5000), 1);
            if (socket.collect()) {
                socket.serve([&](const DaemonRequest& request) {
                    seen = request;
                    return reply;
                });
                is_answered = true;
            }
        }
        return seen;
    }

    const fs::path folder_ = root_;
};

TEST_F(DaemonSocketTest, CarriesARequestAndItsReply) {
    const auto socket = listen();
    DaemonRequest seen;
    std::thread daemon([&] { seen = answer_one(*socket, manual_v1); });
    const auto reply = ask({"v2"});
    daemon.join();
    ASSERT_TRUE(reply) << reply.error().message;
    EXPECT_EQ(**reply, manual_v1);
    EXPECT_EQ(seen, DaemonRequest{"v2"});
}

TEST_F(DaemonSocketTest, IsAccessibleToItsOwnerOnlyAndRemovedWithTheDaemon) {
    auto socket = listen();
    struct stat status {};
    ASSERT_EQ(::stat(link().socket().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0600U);
    socket.reset();
    EXPECT_NE(::stat(link().socket().c_str(), &status), 0);
}

TEST_F(DaemonSocketTest, OnlyRootPermitsAGroupToRunTheDaemon) {
    constexpr gid_t group = 4711;
    if (::chown(root_.c_str(), 0, group) != 0) {
        GTEST_SKIP() << "needs root: it creates a folder of another group";
    }
    const auto with_mode = [&](mode_t mode) {
        EXPECT_EQ(::chmod(root_.c_str(), mode), 0);
        return service_group(root_);
    };
    EXPECT_EQ(with_mode(03775), group);
    EXPECT_EQ(with_mode(0755), std::nullopt);
    EXPECT_EQ(with_mode(0775), std::nullopt) << "the group could replace what is root's";
    EXPECT_EQ(with_mode(01777), std::nullopt);
    EXPECT_EQ(service_group(root_ + "/nowhere"), std::nullopt);
    ASSERT_EQ(with_mode(03775), group);
    const auto socket = listen();
    struct stat status {};
    ASSERT_EQ(::stat(link().socket().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0660U);
    ASSERT_EQ(::chown(root_.c_str(), 65534, group), 0);
    EXPECT_EQ(service_group(root_), std::nullopt);
}

TEST_F(DaemonSocketTest, WithoutAListenerNoDaemonIsRunning) {
    const auto without_file = ask({});
    ASSERT_TRUE(without_file);
    EXPECT_EQ(*without_file, std::nullopt);
    // The files that a killed daemon leaves behind.
    const UniqueFd bound(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    const auto address = unix_address(link().socket());
    ASSERT_EQ(::bind(bound.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof(*address)), 0);
    const auto stale = ask({});
    ASSERT_TRUE(stale) << stale.error().message;
    EXPECT_EQ(*stale, std::nullopt);
    // The next daemon replaces it.
    const auto socket = listen();
    std::thread daemon([&] { (void)answer_one(*socket, manual_v1); });
    EXPECT_TRUE(ask({}));
    daemon.join();
}

TEST_F(DaemonSocketTest, ADaemonThatDoesNotAnswerIsAnError) {
    const auto socket = listen();
    for (int i = 0; i < 70; ++i) { // more than its backlog
        const auto reply = ask({}, 3ms);
        ASSERT_FALSE(reply);
        EXPECT_EQ(reply.error().kind, ErrorKind::timed_out);
    }
    // Clients that have given up do not keep the others from being answered.
    std::thread daemon([&] {
        for (int i = 0; i < 70 && !fs::exists(folder_ / "done"); ++i) {
            pollfd interest{socket->descriptor(), POLLIN, 0};
            (void)::poll(&interest, 1, 100);
            (void)socket->collect();
            socket->serve([](const DaemonRequest&) { return manual_v1; });
        }
    });
    EXPECT_TRUE(ask({}));
    std::ofstream(folder_ / "done") << "";
    daemon.join();
}

TEST_F(DaemonSocketTest, GarbageClosesTheConnection) {
    const auto socket = listen();
    const UniqueFd command(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    const auto address = unix_address(link().socket());
    ASSERT_EQ(::connect(command.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof(*address)), 0);
    const std::string garbage = "[}";
    ASSERT_GT(::send(command.get(), garbage.data(), garbage.size(), 0), 0);
    EXPECT_TRUE(socket->collect());
    socket->serve([](const DaemonRequest&) {
        ADD_FAILURE() << "there is no request";
        return DaemonReply{};
    });
    char byte = 0;
    EXPECT_EQ(::recv(command.get(), &byte, 1, 0), 0);
}

/// Connects as user nobody to a socket that, contrary to its design, all users can open; returns recv()'s
/// result.
int speak_as_nobody(const sockaddr_un& address) {
    const pid_t child = ::fork();
    if (child == 0) {
        char byte = 0;
        const int fd = ::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
        const bool is_connected =
            ::setuid(65534) == 0 &&
            ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
        (void)::send(fd, "{}", 2, MSG_NOSIGNAL);
        ::_exit(is_connected && ::recv(fd, &byte, 1, 0) <= 0 ? 0 : 1);
    }
    return child;
}

TEST_F(DaemonSocketTest, APeerThatIsNotRootIsRefused) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "connecting as another user requires root";
    }
    const auto socket = listen();
    fs::permissions(folder_, fs::perms::all);
    fs::permissions(link().socket(), fs::perms::all);
    const int child = speak_as_nobody(*unix_address(link().socket()));
    pollfd interest{socket->descriptor(), POLLIN, 0};
    ASSERT_EQ(::poll(&interest, 1, 5000), 1);
    EXPECT_FALSE(socket->collect());
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0) << "the connection is closed without a reply";
}

TEST_F(DaemonSocketTest, OneDaemonAtATime) {
    auto first = link().take_daemon_lock();
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_EQ(
        fs::status(folder_ / "daemon.lock").permissions(), fs::perms::owner_read | fs::perms::owner_write);
    const auto second = link().take_daemon_lock();
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, ErrorKind::busy);
    first->reset();
    EXPECT_TRUE(link().take_daemon_lock());
}

TEST_F(DaemonSocketTest, TheRecordCountsOnlyWhileItsProcessLives) {
    DaemonRecord record;
    record.pid = ::getpid();
    record.start_time = start_time_of(::getpid()).value_or(0);
    ASSERT_NE(record.start_time, 0U);
    ASSERT_TRUE(link().publish(record));
    EXPECT_EQ(link().running_daemon(), record);
    record.start_time += 1; // its pid was reused by another process
    ASSERT_TRUE(link().publish(record));
    EXPECT_EQ(link().running_daemon(), std::nullopt);
    record.start_time = 0; // an older release's, whose pid now belongs to another program
    ASSERT_TRUE(link().publish(record));
    EXPECT_EQ(link().running_daemon(), std::nullopt);
}

TEST_F(DaemonSocketTest, ALiveRecordWithoutASocketIsAnError) {
    DaemonRecord record;
    record.pid = ::getpid();
    record.start_time = start_time_of(::getpid()).value_or(0);
    ASSERT_TRUE(link().publish(record));
    const auto reply = ask({});
    ASSERT_FALSE(reply);
    EXPECT_NE(reply.error().message.find("systemctl restart mptcp-keeper"), std::string::npos);
    link().remove_record();
    EXPECT_TRUE(ask({}));
}

TEST_F(DaemonSocketTest, TheMarkIsAFileForItsOwnerAndGroup) {
    DeclarationMarkFile file((folder_ / "applied").string());
    const auto none = file.load();
    ASSERT_TRUE(none);
    EXPECT_EQ(*none, DeclarationMark{});
    const DeclarationMark mark{.number = 3, .last_used = 4, .fingerprint = "0123abcd"};
    ASSERT_TRUE(file.save(mark));
    EXPECT_EQ(*file.load(), mark);
    EXPECT_EQ(fs::status(folder_ / "applied").permissions(), fs::perms{0640});
    std::ofstream(folder_ / "applied") << "nonsense";
    const auto damaged = file.load();
    ASSERT_FALSE(damaged);
    EXPECT_NE(damaged.error().message.find("remove it"), std::string::npos);
}

} // namespace
} // namespace keeper
