// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "engine/announced_world.hpp"

namespace keeper::test {

/// A host on which profiles are activated and deactivated in steps, and on which devices are renamed or
/// created again, as NetworkManager 1.42 does and announces it.
class ActivatingWorld : public AnnouncedWorld {
  public:
    using AnnouncedWorld::AnnouncedWorld;

  protected:
    /// The first step of an activation or a deactivation.
    void activate_or_deactivate(Dice& dice) {
        Profile* profile = any_profile(dice);
        const bool disturbs = dice.coin();
        if (profile == nullptr || profile->skip_reason) {
            return;
        }
        if (!profile->activations.empty()) {
            return begin_deactivation(*profile);
        }
        if (const Link* link = find_link_named(profile->interface_name);
            link != nullptr && is_device(*link) && !is_used(link->ifindex)) {
            begin_activation(*profile, *link, disturbs);
        }
    }
    [[nodiscard]] bool has_transitions() const { return !transitions_.empty(); }
    /// The next step of one of them.
    void proceed(Dice& dice) {
        const std::uint32_t which = dice.below(3);
        if (!transitions_.empty()) {
            proceed(transitions_[which % transitions_.size()]);
            std::erase_if(transitions_, [](const Transition& one) { return one.step == Step::done; });
        }
    }
    /// NetworkManager does not know the state of a device for a while.
    void hinder_a_device(Dice& dice) {
        const Ifindex ifindex = any_link(dice).ifindex;
        toggle_hindrance(dice.coin() && !hindered_.empty() ? hindered_.front() : ifindex);
    }
    void complete_all() {
        while (!transitions_.empty()) {
            proceed(transitions_.front());
            std::erase_if(transitions_, [](const Transition& one) { return one.step == Step::done; });
        }
        while (!hindered_.empty()) {
            toggle_hindrance(hindered_.front());
        }
        end_start();
    }
    /// NetworkManager does not announce it. The kernel does.
    void rename_device(Dice& dice) {
        Link& link = links.present[dice.below(3)];
        const std::string from = link.name;
        link.name = from.starts_with("eth") ? "lan" + from.substr(3) : "eth" + from.substr(3);
        network_manager.rename(from, link.name);
        announce_link(link);
    }
    /// The device is deleted and created with another index. If a profile is active on it, it is active on
    /// the new one as well; whether NetworkManager announces that at all is left to chance.
    void create_device_again(Dice& dice) {
        Link& link = links.present[dice.below(3)];
        const bool is_announced = dice.coin();
        const Ifindex old = link.ifindex;
        if (is_in_transition(old) || is_hindered(old)) {
            return;
        }
        announce_addresses(link);
        announce_link(link);
        link.ifindex = Ifindex{next_ifindex_++};
        for (Profile& profile : network_manager.state.profiles) {
            for (ProfileActivation& activation : profile.activations) {
                if (activation.ifindex == old) {
                    if (!profile.skip_reason) {
                        network_manager.remove_endpoints_of(activation);
                    }
                    activation.ifindex = link.ifindex;
                    if (is_announced) {
                        announce_profile_object(profile.uuid);
                    }
                }
            }
        }
        announce_addresses(link);
        announce_link(link);
        if (is_announced) {
            announce_device(old);
            announce_device(link.ifindex);
        }
        sync_after_change_of(link.ifindex);
    }
    /// A start ends with the activation of the last device.
    void end_start() {
        if (network_manager.state.is_starting) {
            network_manager.state.is_starting = false;
            announce_device(links.present[0].ifindex);
        }
    }
    [[nodiscard]] bool is_in_transition(Ifindex ifindex) const {
        return std::any_of(transitions_.begin(), transitions_.end(), [&](const Transition& one) {
            return one.activation.ifindex == ifindex;
        });
    }

  private:
    enum class Step { prepare, configure, check, deactivating, done };
    struct Transition {
        Step step;
        std::string uuid;
        ProfileActivation activation;
    };

    /// NetworkManager handles the first three links.
    [[nodiscard]] bool is_device(const Link& link) const { return &link < &links.present[3]; }
    [[nodiscard]] bool is_hindered(Ifindex ifindex) const {
        return std::find(hindered_.begin(), hindered_.end(), ifindex) != hindered_.end();
    }
    [[nodiscard]] static IpAddress address_of(const Link& link) {
        return address("192.0.2." + link.name.substr(3));
    }
    [[nodiscard]] Link* link_of(const Transition& transition) {
        for (Link& link : links.present) {
            if (link.ifindex == transition.activation.ifindex) {
                return &link;
            }
        }
        return nullptr;
    }
    void toggle_hindrance(Ifindex ifindex) {
        if (std::erase(hindered_, ifindex) == 0) {
            hindered_.push_back(ifindex);
        }
        note_unsettled();
        announce_device(ifindex);
    }
    void note_unsettled() {
        std::set<Ifindex> unsettled(hindered_.begin(), hindered_.end());
        std::set<Ifindex> activating;
        for (const Transition& one : transitions_) {
            if (one.step != Step::done) {
                unsettled.insert(one.activation.ifindex);
                activating.insert(one.activation.ifindex);
            }
        }
        network_manager.state.unsettled = {unsettled.begin(), unsettled.end()};
        network_manager.state.activating = {activating.begin(), activating.end()};
    }
    void announce(const Transition& transition) {
        note_unsettled();
        announce_profile_object(transition.uuid);
        announce_device(transition.activation.ifindex);
    }

    void begin_activation(const Profile& profile, const Link& link, bool disturbs) {
        transitions_.push_back(
            {.step = Step::prepare,
             .uuid = profile.uuid,
             .activation = {link.name, link.ifindex, profile.stored, disturbs}});
        network_manager.note_enabled(link.name);
        network_manager.in_transition.push_back(transitions_.back().activation);
        announce(transitions_.back());
    }
    void begin_deactivation(Profile& profile) {
        transitions_.push_back(
            {.step = Step::deactivating, .uuid = profile.uuid, .activation = profile.activations[0]});
        network_manager.in_transition.push_back(profile.activations[0]);
        profile.activations.clear();
        announce(transitions_.back());
    }
    void proceed(Transition& transition) {
        Link* link = link_of(transition);
        switch (transition.step) {
        case Step::prepare: {
            LinkAddress one;
            one.address = address_of(*link);
            one.no_prefix_route = one.tentative = true;
            link->addresses = {one};
            link->default_route_v4 = true;
            announce_addresses(*link);
            network_manager.sync();
            transition.step = Step::configure;
            return;
        }
        case Step::configure:
            for (LinkAddress& one : link->addresses) {
                one.tentative = false;
            }
            announce_addresses(*link);
            transition.step = Step::check;
            return;
        case Step::check:
            return complete_activation(transition);
        case Step::deactivating:
            transition.step = Step::done;
            announce_addresses(*link);
            network_manager.deactivate(link->name);
            announce(transition);
            return;
        case Step::done:
            return;
        }
    }
    void complete_activation(Transition& transition) {
        transition.step = Step::done;
        auto& others = network_manager.in_transition;
        std::erase_if(others, [&](const ProfileActivation& one) {
            return one.ifindex == transition.activation.ifindex;
        });
        transition.activation.interface = link_of(transition)->name; // renamed since
        for (Profile& profile : network_manager.state.profiles) {
            if (profile.uuid == transition.uuid) {
                profile.activations = {transition.activation};
            }
        }
        network_manager.sync();
        announce(transition);
    }

    std::vector<Transition> transitions_;
    std::vector<Ifindex> hindered_;
    int next_ifindex_ = 30;
};

} // namespace keeper::test
