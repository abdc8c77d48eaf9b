// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "adapters/files/unique_fd.hpp"

namespace keeper::contract {

/// A new network namespace for this process, from construction to destruction; sockets opened and commands
/// run during that time are in it. It has lo (up) and a veth pair, both up: test0 with 192.0.2.1/24,
/// 192.0.2.2/24 and 2001:db8::1/64, and test1 without global addresses.
class NetworkNamespace {
  public:
    NetworkNamespace() : home_(open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC)) {
        if (unshare(CLONE_NEWNET) != 0) {
            problem_ = std::string("cannot make a network namespace: ") + std::strerror(errno);
            return;
        }
        is_inside_ = true;
        if (!std::ifstream("/proc/sys/net/mptcp/enabled")) {
            problem_ = "this kernel has no MPTCP";
            return;
        }
        const int failures = run_status(
            "ip link set lo up && ip link add test0 type veth peer name test1 && "
            "ip addr add 192.0.2.1/24 dev test0 && ip addr add 192.0.2.2/24 dev test0 && "
            "ip addr add 2001:db8::1/64 dev test0 nodad && ip link set test0 up && ip link set test1 up");
        if (failures != 0) {
            problem_ = "ip(8) cannot make a pair of veth interfaces here";
        }
    }
    ~NetworkNamespace() {
        if (is_inside_ && setns(home_.get(), CLONE_NEWNET) != 0) {
            std::perror("cannot return to the first network namespace");
            std::abort();
        }
    }
    NetworkNamespace(const NetworkNamespace&) = delete;
    NetworkNamespace& operator=(const NetworkNamespace&) = delete;

    /// Why tests cannot run here; empty if they can.
    [[nodiscard]] const std::optional<std::string>& problem() const { return problem_; }

    /// The exit status of a shell command.
    static int run_status(const std::string& command) { return std::system(command.c_str()); }

    /// The output of a shell command; the test fails if the command fails.
    static std::string run(const std::string& command) {
        const auto close = [](FILE* pipe) { return pclose(pipe); };
        std::unique_ptr<FILE, decltype(close)> pipe(popen(command.c_str(), "r"), close);
        std::string output;
        std::array<char, 4096> buffer{};
        while (const std::size_t size = fread(buffer.data(), 1, buffer.size(), pipe.get())) {
            output.append(buffer.data(), size);
        }
        EXPECT_EQ(pclose(pipe.release()), 0) << command;
        return output;
    }

  private:
    UniqueFd home_;
    bool is_inside_ = false;
    std::optional<std::string> problem_;
};

/// A test in a new network namespace; skipped with the reason if there can be none.
class KernelTest : public testing::Test {
  protected:
    void SetUp() override {
        if (namespace_.problem()) {
            GTEST_SKIP() << *namespace_.problem();
        }
    }
    static std::string run(const std::string& command) { return NetworkNamespace::run(command); }

  private:
    NetworkNamespace namespace_;
};

} // namespace keeper::contract
