// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <string>
#include <utility>

#include "engine/random_world.hpp"
#include "engine/reconciled_world.hpp"

namespace keeper::test {

/// How much the events of a world say.
enum class Detail {
    as_announced, ///< what the real adapters report
    none,         ///< each event says that anything may have changed
};

/// A host whose changes are announced as the kernel and NetworkManager announce them.
class AnnouncedWorld : public ReconciledWorld {
  public:
    AnnouncedWorld(Detail detail, std::chrono::milliseconds full_look_interval)
        : ReconciledWorld(full_look_interval), detail_(detail) {}

  protected:
    void announce_change(LinkChange change) {
        if (detail_ == Detail::none) {
            happened(Event::links_changed);
        } else {
            link_changed(std::move(change));
        }
    }
    /// It appears, disappears or is renamed.
    void announce_link(const Link& link) {
        announce_change({link.ifindex, link.name, std::nullopt});
        for (const std::string& name : link.alternative_names) {
            announce_change({link.ifindex, name, std::nullopt});
        }
    }
    void announce_addresses(const Link& link) {
        for (const LinkAddress& one : link.addresses) {
            announce_change({link.ifindex, "", one.address});
        }
    }
    /// A profile that was edited, created or deleted, or whose activation changes its state.
    void announce_profile_object(const std::string& uuid) {
        const auto& profiles = network_manager.state.profiles;
        const bool is_left_alone = std::any_of(profiles.begin(), profiles.end(), [&](const Profile& profile) {
            return profile.uuid == uuid && profile.skip_reason;
        });
        announce_object(network_manager.knows(uuid) && !is_left_alone);
        network_manager.announce(uuid);
    }
    /// A device that changes its state.
    void announce_device(Ifindex ifindex) {
        announce_object(network_manager.knows_use_of(ifindex));
        network_manager.announce_device(ifindex);
    }

    [[nodiscard]] Link& any_link(Dice& dice) {
        return links.present[dice.below(static_cast<std::uint32_t>(links.present.size()))];
    }
    [[nodiscard]] Link* find_link_named(const std::string& name) {
        const auto found = std::find_if(
            links.present.begin(), links.present.end(), [&](const Link& one) { return one.name == name; });
        return found == links.present.end() ? nullptr : &*found;
    }
    [[nodiscard]] Profile* any_profile(Dice& dice) {
        auto& profiles = network_manager.state.profiles;
        const std::uint32_t number = dice.below(8);
        return number < profiles.size() ? &profiles[number] : nullptr;
    }
    /// Whether a profile that is not left alone is active on the device, or is being activated on it.
    [[nodiscard]] bool is_used(Ifindex ifindex) const {
        const auto is_on_it = [&](const ProfileActivation& one) { return one.ifindex == ifindex; };
        const auto& profiles = network_manager.state.profiles;
        const auto& others = network_manager.in_transition;
        return std::any_of(others.begin(), others.end(), is_on_it) ||
               std::any_of(profiles.begin(), profiles.end(), [&](const Profile& profile) {
                   return !profile.skip_reason &&
                          std::any_of(profile.activations.begin(), profile.activations.end(), is_on_it);
               });
    }
    /// NetworkManager follows the changes of the devices that it uses, and syncs all endpoints then.
    void sync_after_change_of(Ifindex ifindex) {
        if (is_used(ifindex) && !network_manager.failure) {
            network_manager.sync();
        }
    }

  private:
    void announce_object(bool is_known) {
        if (detail_ == Detail::none) {
            happened(Event::links_changed);
        } else {
            events.pending.add(is_known ? Event::profiles_changed : Event::other_profiles_changed);
        }
    }

    Detail detail_;
};

} // namespace keeper::test
