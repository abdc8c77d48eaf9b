// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/reconciled_world.hpp"
#include "ports/request_port.hpp"
#include "ports/service_port.hpp"

namespace keeper::test {

class FakeService final : public ServicePort {
  public:
    std::vector<std::string> calls;
    int signs_of_life = 0;
    std::string status;
    std::optional<std::chrono::milliseconds> period;

    void ready(const std::string& text) override {
        calls.emplace_back("ready");
        status = text;
    }
    void reloading() override { calls.emplace_back("reloading"); }
    void stopping() override { calls.emplace_back("stopping"); }
    void alive(const std::string& text) override {
        ++signs_of_life;
        status = text;
    }
    [[nodiscard]] std::optional<std::chrono::milliseconds> watchdog() override { return period; }
};

/// The pending requests of commands, and the replies to them.
class FakeRequests final : public RequestPort {
  public:
    std::vector<DaemonRequest> waiting;
    std::vector<DaemonReply> replies;

    void serve(const Answer& answer) override {
        for (const DaemonRequest& request : std::exchange(waiting, {})) {
            replies.push_back(answer(request));
        }
    }
};

} // namespace keeper::test
