// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "fakes/failure_injection.hpp"
#include "fakes/fake_clock.hpp"
#include "ports/profile_port.hpp"

namespace keeper::fake {

/// NetworkManager's profiles in memory. A store changes only the stored flags, a reapply only the live flags
/// of one device; writes are recorded as "store UUID" and "reapply INTERFACE". Endpoints do not follow: a
/// test that needs NetworkManager's endpoints adds them to the path manager.
class FakeProfiles : public ProfilePort, public FailureInjection {
  public:
    NetworkManagerState state;
    std::optional<Error> failure; ///< if set, every call fails with it (NetworkManager absent)
    int snapshots = 0;
    bool has_run = true;        ///< the result of has_run_since_boot()
    FakeClock* clock = nullptr; ///< for `frozen`
    bool frozen = false;        ///< it does not answer: a call takes the rest of the round's time

    void start_round() override {
        round_end_ = clock != nullptr ? std::optional(clock->now() + profile_round_time) : std::nullopt;
    }

    [[nodiscard]] Result<NetworkManagerState> snapshot() override {
        ++snapshots;
        if (auto answered = answer(); !answered) {
            return tl::unexpected<Error>(answered.error());
        }
        return state;
    }

    [[nodiscard]] bool has_run_since_boot() override { return has_run; }

    [[nodiscard]] std::vector<Result<void>> store(const std::vector<StoreRequest>& requests) override {
        std::vector<Result<void>> results;
        for (const StoreRequest& request : requests) {
            results.push_back(store_one(request));
        }
        return results;
    }

    [[nodiscard]] std::vector<Result<void>> reapply(const std::vector<ReapplyRequest>& requests) override {
        std::vector<Result<void>> results;
        for (const ReapplyRequest& request : requests) {
            results.push_back(reapply_one(request));
        }
        return results;
    }

  private:
    [[nodiscard]] Result<void> answer() {
        if (failure) {
            return tl::unexpected<Error>(*failure);
        }
        if (!frozen) {
            return {};
        }
        clock->time = std::max(clock->time, round_end_.value_or(clock->time + profile_round_time));
        return fail(ErrorKind::timed_out, "NetworkManager did not answer in time");
    }

    [[nodiscard]] Result<Profile*> find(const std::string& uuid) {
        if (auto answered = answer(); !answered) {
            return tl::unexpected<Error>(answered.error());
        }
        const auto found = std::find_if(
            state.profiles.begin(), state.profiles.end(), [&](const Profile& p) { return p.uuid == uuid; });
        if (found == state.profiles.end()) {
            return fail("no profile " + uuid);
        }
        return &*found;
    }

    [[nodiscard]] Result<void> store_one(const StoreRequest& request) {
        if (auto allowed = record("store " + request.uuid); !allowed) {
            return allowed;
        }
        const auto profile = find(request.uuid);
        if (!profile) {
            return tl::unexpected<Error>(profile.error());
        }
        (*profile)->stored = request.flags;
        return {};
    }

    [[nodiscard]] Result<void> reapply_one(const ReapplyRequest& request) {
        if (auto allowed = record("reapply " + request.interface); !allowed) {
            return allowed;
        }
        const auto profile = find(request.uuid);
        if (!profile) {
            return tl::unexpected<Error>(profile.error());
        }
        for (ProfileActivation& activation : (*profile)->activations) {
            if (activation.interface == request.interface) {
                activation.live = request.flags;
                return {};
            }
        }
        return fail("profile " + request.uuid + " is not active on " + request.interface);
    }

    std::optional<std::chrono::milliseconds> round_end_;
};

} // namespace keeper::fake
