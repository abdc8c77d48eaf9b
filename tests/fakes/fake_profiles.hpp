// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fakes/failure_injection.hpp"
#include "fakes/fake_clock.hpp"
#include "ports/profile_port.hpp"

namespace keeper::fake {

/// NetworkManager's profiles in memory. A store changes only the stored flags, a reapply only the live flags
/// of one device; writes are recorded as "store UUID" and "reapply INTERFACE". Endpoints do not follow: a
/// test that needs NetworkManager's endpoints adds them to the path manager.
///
/// refresh() is strict: it reads again only what was announced, what this object wrote, and the live flags of
/// the devices it is given. A caller that asks for too little sees old data, as with the real adapter.
class FakeProfiles : public ProfilePort, public FailureInjection {
  public:
    NetworkManagerState state;
    std::optional<Error> failure; ///< if set, every call fails with it (NetworkManager absent)
    int snapshots = 0;
    int refreshes = 0;
    std::set<Ifindex> refreshed_devices; ///< of all calls of refresh()
    bool has_run = true;                 ///< the result of has_run_since_boot()
    FakeClock* clock = nullptr;          ///< for `frozen`
    bool frozen = false;                 ///< it does not answer: a call takes the rest of the round's time

    void start_round() override {
        round_end_ = clock != nullptr ? std::optional(clock->now() + profile_round_time) : std::nullopt;
    }

    [[nodiscard]] Result<NetworkManagerState> snapshot() override {
        ++snapshots;
        return read_everything();
    }

    [[nodiscard]] Result<NetworkManagerState> refresh(const std::set<Ifindex>& devices) override {
        ++refreshes;
        refreshed_devices.insert(devices.begin(), devices.end());
        if (!handed_out_) {
            return read_everything();
        }
        if (auto answered = answer(); !answered) {
            return tl::unexpected<Error>(answered.error());
        }
        NetworkManagerState now = touched_.empty() ? *handed_out_ : state;
        now.profiles.clear();
        for (const Profile& profile : state.profiles) {
            const Profile* old = find_old(profile.uuid);
            if (is_touched(profile.uuid) || old != nullptr) {
                now.profiles.push_back(read_again(profile, old, devices));
            }
        }
        for (const Profile& old : handed_out_->profiles) {
            const bool exists =
                std::any_of(state.profiles.begin(), state.profiles.end(), [&](const auto& one) {
                    return one.uuid == old.uuid;
                });
            if (!exists && !is_touched(old.uuid)) {
                now.profiles.push_back(old);
            }
        }
        touched_.clear();
        handed_out_ = now;
        return now;
    }

    /// NetworkManager announces a change of the profile with that uuid, or of the device with that name.
    void announce(const std::string& object) { touched_.insert(object); }
    /// The same for all profiles, but not for the flags that devices run.
    void announce_profiles() {
        for (const Profile& profile : state.profiles) {
            touched_.insert(profile.uuid);
        }
        for (const Profile& old : handed_out_.value_or(NetworkManagerState{}).profiles) {
            touched_.insert(old.uuid);
        }
    }
    /// Whether what was handed out last has a profile with that uuid, active or not.
    [[nodiscard]] bool knows(const std::string& uuid) const {
        return handed_out_ && find_old(uuid) != nullptr;
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
    [[nodiscard]] Result<NetworkManagerState> read_everything() {
        if (auto answered = answer(); !answered) {
            return tl::unexpected<Error>(answered.error());
        }
        touched_.clear();
        handed_out_ = state;
        return state;
    }

    [[nodiscard]] bool is_touched(const std::string& object) const { return touched_.count(object) != 0; }

    [[nodiscard]] const Profile* find_old(const std::string& uuid) const {
        const auto& profiles = handed_out_->profiles;
        const auto found = std::find_if(
            profiles.begin(), profiles.end(), [&](const Profile& one) { return one.uuid == uuid; });
        return found == profiles.end() ? nullptr : &*found;
    }

    [[nodiscard]] Profile
    read_again(const Profile& present, const Profile* old, const std::set<Ifindex>& devices) const {
        Profile now = old == nullptr || is_touched(present.uuid) ? present : *old;
        if (old == nullptr) {
            return now;
        }
        for (ProfileActivation& activation : now.activations) {
            const auto is_same = [&](const ProfileActivation& one) {
                return one.interface == activation.interface;
            };
            const auto actual = std::find_if(present.activations.begin(), present.activations.end(), is_same);
            const auto known = std::find_if(old->activations.begin(), old->activations.end(), is_same);
            if (actual == present.activations.end() || known == old->activations.end()) {
                continue; // just activated, or not yet known to be gone
            }
            const bool is_read = is_touched(activation.interface) || devices.count(activation.ifindex) != 0;
            activation.live = is_read ? actual->live : known->live;
        }
        return now;
    }

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
        announce(request.uuid);
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
                announce(request.interface);
                return {};
            }
        }
        return fail("profile " + request.uuid + " is not active on " + request.interface);
    }

    std::optional<std::chrono::milliseconds> round_end_;
    std::optional<NetworkManagerState> handed_out_;
    std::set<std::string> touched_; ///< since then
};

} // namespace keeper::fake
