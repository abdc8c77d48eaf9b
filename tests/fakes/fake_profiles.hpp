// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "fakes/failure_injection.hpp"
#include "fakes/fake_clock.hpp"
#include "ports/profile_port.hpp"

namespace keeper::fake {

/// NetworkManager's profiles in memory. A store changes only the stored flags, a reapply only the live flags
/// of one device; writes are recorded as "store UUID" and "reapply INTERFACE". Endpoints do not follow: a
/// test that needs NetworkManager's endpoints adds them to the path manager.
///
/// refresh() is strict: it reads again only what was announced, what this object wrote, the live flags of the
/// devices it is given, a start that had not ended, and active devices whose interface was renamed or created
/// again. A caller that asks for too little sees old data, as with the real adapter.
class FakeProfiles : public ProfilePort, public FailureInjection {
  public:
    NetworkManagerState state;
    std::optional<Error> failure; ///< if set, every call fails with it (NetworkManager absent)
    int snapshots = 0;
    int refreshes = 0;
    std::set<Ifindex> refreshed_devices;                        ///< of all calls of refresh()
    bool has_run = true;                                        ///< the result of has_run_since_boot()
    FakeClock* clock = nullptr;                                 ///< for `frozen`
    std::function<Ifindex(const std::string&)> present_ifindex; ///< of the interface with that name
    bool frozen = false; ///< it does not answer: a call takes the rest of the round's time

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
        touch_moved_devices();
        NetworkManagerState now = *handed_out_;
        now.default_flags = state.default_flags; // from files
        now.is_starting = now.is_starting && state.is_starting;
        now.unsettled = read_again(handed_out_->unsettled, state.unsettled);
        now.activating = read_again(handed_out_->activating, state.activating);
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
        return hand_out(std::move(now));
    }

    /// NetworkManager announces a change of the profile with that uuid, or of the device with that name.
    void announce(const std::string& object) { touched_.insert(object); }
    /// NetworkManager announces a new state of the device: whether it is in transition, and what it runs.
    void announce_device(Ifindex ifindex) { touched_devices_.insert(ifindex); }
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
    /// Whether what was handed out last has a profile that is active, or being activated, on the device.
    [[nodiscard]] bool knows_use_of(Ifindex ifindex) const {
        if (!handed_out_) {
            return false;
        }
        const auto& profiles = handed_out_->profiles;
        const auto& activating = handed_out_->activating;
        return std::find(activating.begin(), activating.end(), ifindex) != activating.end() ||
               std::any_of(profiles.begin(), profiles.end(), [ifindex](const Profile& profile) {
                   return !profile.skip_reason && find_same(profile, {"", ifindex, {}, false}) != nullptr;
               });
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
        return hand_out(state);
    }

    /// Sorted, as ProfilePort promises.
    [[nodiscard]] NetworkManagerState hand_out(NetworkManagerState now) {
        std::sort(now.profiles.begin(), now.profiles.end(), [](const Profile& left, const Profile& right) {
            return std::tie(left.name, left.uuid) < std::tie(right.name, right.uuid);
        });
        touched_.clear();
        touched_devices_.clear();
        handed_out_ = now;
        return now;
    }

    /// The real adapter compares the interfaces of active devices with those that it has read.
    void touch_moved_devices() {
        for (const Profile& old : handed_out_->profiles) {
            for (const ProfileActivation& known : old.activations) {
                if (!old.skip_reason && present_ifindex &&
                    present_ifindex(known.interface) != known.ifindex) {
                    touched_devices_.insert(known.ifindex);
                }
            }
        }
    }

    /// Devices in transition: only those that were announced are read.
    [[nodiscard]] std::vector<Ifindex>
    read_again(const std::vector<Ifindex>& old, const std::vector<Ifindex>& present) const {
        std::set<Ifindex> result;
        for (const Ifindex ifindex : old) {
            if (touched_devices_.count(ifindex) == 0) {
                result.insert(ifindex);
            }
        }
        for (const Ifindex ifindex : present) {
            if (touched_devices_.count(ifindex) != 0) {
                result.insert(ifindex);
            }
        }
        return {result.begin(), result.end()};
    }

    [[nodiscard]] bool is_touched(const std::string& object) const { return touched_.count(object) != 0; }

    [[nodiscard]] const Profile* find_old(const std::string& uuid) const {
        const auto& profiles = handed_out_->profiles;
        const auto found = std::find_if(
            profiles.begin(), profiles.end(), [&](const Profile& one) { return one.uuid == uuid; });
        return found == profiles.end() ? nullptr : &*found;
    }

    /// The activation on the same device, which may have been renamed or created again; null if there is
    /// none.
    [[nodiscard]] static const ProfileActivation*
    find_same(const Profile& profile, const ProfileActivation& activation) {
        const auto& all = profile.activations;
        const auto found = std::find_if(all.begin(), all.end(), [&](const ProfileActivation& one) {
            return one.ifindex == activation.ifindex || one.interface == activation.interface;
        });
        return found == all.end() ? nullptr : &*found;
    }

    [[nodiscard]] Profile
    read_again(const Profile& present, const Profile* old, const std::set<Ifindex>& devices) const {
        Profile now = old == nullptr || is_touched(present.uuid) ? present : *old;
        if (old == nullptr) {
            return now;
        }
        for (ProfileActivation& activation : now.activations) {
            const ProfileActivation* actual = find_same(present, activation);
            if (actual == nullptr && touched_devices_.count(activation.ifindex) != 0 &&
                present.activations.size() == 1) {
                actual = &present.activations[0]; // both renamed and created again
            }
            const ProfileActivation* known = find_same(*old, activation);
            if (actual == nullptr || known == nullptr) {
                continue; // just activated, or not yet known to be gone
            }
            const bool is_device_read = touched_devices_.count(known->ifindex) != 0;
            const bool is_read =
                is_device_read || is_touched(known->interface) || devices.count(known->ifindex) != 0;
            activation = is_read ? *actual : *known;
            activation.default_flags = actual->default_flags; // from files
            if (!is_device_read) {
                activation.interface = known->interface;
                activation.ifindex = known->ifindex;
            }
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
    std::set<std::string> touched_;     ///< since then
    std::set<Ifindex> touched_devices_; ///< since then
};

} // namespace keeper::fake
