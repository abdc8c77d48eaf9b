// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "engine/activating_world.hpp"

namespace keeper::test {

/// A random host on which links, profiles and the kernel's endpoints change. Each change is announced as the
/// kernel and NetworkManager announce it, or not at all: endpoints, limits and the flags that devices run.
class EventfulWorld : public ActivatingWorld {
  public:
    EventfulWorld(Detail detail, std::chrono::milliseconds full_look_interval)
        : ActivatingWorld(detail, full_look_interval) {
        path_manager.capacity = 64; // the order of additions must not decide which endpoints exist
    }

    void begin(Dice& dice) {
        randomize_host(*this, dice);
        randomize_declaration(*this, dice);
        for (auto& [key, wanted] : desired.endpoints) {
            if (!wanted.absent && dice.below(3) == 0) {
                wanted.interface = dice.any_of<std::string>({"eth4", "uplink", "veth7"});
            }
            wanted.id.reset(); // which endpoint gets a disputed id depends on the order
        }
        if (dice.below(4) != 0) {
            connections.present = random_connections(dice);
        }
        desired.reconcile.interval.value = 60s;
        load();
    }

    /// One of all possible changes.
    void change(Dice& dice) {
        const std::uint32_t part = dice.below(24);
        if (part == 0 || (is_hindered() && part < 12)) {
            return hinder(dice);
        }
        if (part < 8) {
            return change_kernel(dice);
        }
        if (network_manager.failure) {
            return start_network_manager(dice);
        }
        if (has_transitions() && dice.coin()) {
            return proceed(dice);
        }
        change_network_manager(dice);
    }
    /// Whether anything was changed since the last call that only the poll can find.
    [[nodiscard]] bool take_unannounced() { return std::exchange(has_unannounced_, false); }
    [[nodiscard]] bool is_hindered() const { return lock.taken || events.frozen; }

    /// Nothing hinders the reconciler any more.
    void calm_down() {
        lock.taken = false;
        events.frozen = false;
        if (network_manager.failure) {
            Dice dice(0);
            start_network_manager(dice);
        }
        complete_all();
    }

  private:
    using Address = std::string;

    void change_kernel(Dice& dice) {
        switch (dice.below(14)) {
        case 0:
            return add_address(dice);
        case 1:
            return remove_address(dice);
        case 2:
            return toggle_tentative(dice);
        case 3:
            return toggle_route(dice);
        case 4:
            return replace_route(dice);
        case 5:
            return rename_link(dice);
        case 6:
        case 7:
            return container_comes_or_goes(dice);
        case 8:
            return lose_events(dice);
        case 9:
            path_manager.current_limits = {dice.below(9), dice.below(9)};
            has_unannounced_ = true;
            return;
        case 10:
        case 11:
            return change_sysctl(dice);
        default:
            return change_endpoints(dice);
        }
    }
    void change_network_manager(Dice& dice) {
        switch (dice.below(20)) {
        case 0:
        case 1:
            return edit_profile(dice);
        case 2:
            return add_or_delete_profile(dice);
        case 3:
            return proceed(dice);
        case 4:
            return rename_device(dice);
        case 5:
            return create_device_again(dice);
        case 6:
            return reapply_by_others(dice);
        case 7:
            return restart_network_manager(dice);
        case 8:
            return stop_network_manager();
        case 9:
        case 10:
            return end_start();
        case 11:
        case 12:
        case 13:
            return hinder_a_device(dice);
        default:
            return activate_or_deactivate(dice);
        }
    }

    [[nodiscard]] static Address any_address(Dice& dice) {
        return dice.any_of<Address>({"10.0.0.", "10.0.0.", "192.0.2.", "172.17.0."}) +
               std::to_string(1 + dice.below(8));
    }

    void add_address(Dice& dice) {
        Link& link = any_link(dice);
        const IpAddress added = address(any_address(dice));
        LinkAddress one;
        one.address = added;
        one.no_prefix_route = dice.coin();
        one.tentative = dice.below(4) == 0;
        if (find_address(link, added) != nullptr) {
            return;
        }
        link.addresses.push_back(one);
        announce_change({link.ifindex, "", added});
        sync_after_change_of(link.ifindex);
    }
    void remove_address(Dice& dice) {
        Link& link = any_link(dice);
        if (link.addresses.empty()) {
            return;
        }
        const IpAddress removed = link.addresses.back().address;
        link.addresses.pop_back();
        announce_change({link.ifindex, "", removed});
        sync_after_change_of(link.ifindex);
    }
    void toggle_tentative(Dice& dice) {
        Link& link = any_link(dice);
        if (!link.addresses.empty()) {
            LinkAddress& one = link.addresses.back();
            one.tentative = !one.tentative;
            announce_change({link.ifindex, "", one.address});
            sync_after_change_of(link.ifindex);
        }
    }
    void toggle_route(Dice& dice) {
        Link& link = any_link(dice);
        link.default_route_v4 = !link.default_route_v4;
        announce_change({link.ifindex, "", std::nullopt});
        sync_after_change_of(link.ifindex);
    }
    /// The event of a route that replaces another one does not say which link loses it.
    void replace_route(Dice& dice) {
        Link& to = any_link(dice);
        for (Link& link : links.present) {
            link.default_route_v4 = &link == &to;
        }
        announce_change({to.ifindex, "", std::nullopt});
        announce_change({Ifindex{}, "", std::nullopt});
        if (!network_manager.failure) {
            network_manager.sync();
        }
    }
    /// The last of the first four links, which NetworkManager does not handle.
    void rename_link(Dice& dice) {
        Link& link = links.present[3];
        if (dice.coin()) {
            link.name = dice.any_of<std::string>({"eth4", "uplink", "other"});
            std::erase(link.alternative_names, link.name);
        } else if (link.alternative_names.empty()) {
            link.alternative_names = {link.name == "uplink" ? "eth4" : "uplink"};
        } else {
            link.alternative_names.clear();
        }
        announce_link(link);
    }
    void container_comes_or_goes(Dice& dice) {
        if (links.present.size() > 4 && dice.coin()) {
            const Link gone = links.present.back();
            links.present.pop_back();
            announce_addresses(gone);
            announce_link(gone);
            return;
        }
        const int ifindex = dice.coin() ? 17 : 10 + static_cast<int>(dice.below(10)); // some declare veth7
        const auto is_same = [&](const Link& one) { return one.ifindex == Ifindex{ifindex}; };
        if (std::any_of(links.present.begin(), links.present.end(), is_same)) {
            return;
        }
        links.present.push_back(link(ifindex, "veth" + std::to_string(ifindex % 10), {any_address(dice)}));
        announce_link(links.present.back());
        announce_addresses(links.present.back());
    }

    [[nodiscard]] MptcpFlags any_flags(Dice& dice) {
        return random_mptcp_flags(dice).without(MptcpFlag::laminar);
    }

    void edit_profile(Dice& dice) {
        Profile* profile = any_profile(dice);
        const MptcpFlags flags = any_flags(dice);
        const bool is_renamed = dice.below(4) == 0;
        if (profile == nullptr) {
            return;
        }
        if (is_renamed) {
            profile->name = profile->name.starts_with("p") ? "q" : "p" + std::to_string(1 + dice.below(3));
        } else {
            profile->stored = flags;
        }
        announce_profile_object(profile->uuid);
    }
    /// Inactive, or of a container.
    void add_or_delete_profile(Dice& dice) {
        auto& profiles = network_manager.state.profiles;
        if (profiles.size() > 3 && dice.coin()) {
            const Profile gone = profiles.back();
            if (gone.skip_reason || gone.activations.empty()) {
                announce_profile_object(gone.uuid);
                profiles.pop_back();
            }
            return;
        }
        Profile added =
            active_profile("p" + std::to_string(1 + dice.below(3)), any_link(dice), any_flags(dice));
        added.uuid = "uuid-" + std::to_string(dice.below(1000));
        if (dice.coin()) {
            added.skip_reason = "connected (externally)";
        } else {
            added.activations.clear();
        }
        for (const Profile& one : profiles) {
            if (one.uuid == added.uuid) {
                return;
            }
        }
        profiles.push_back(added);
        announce_profile_object(added.uuid);
    }
    /// NetworkManager announces neither the flags nor the endpoints. If no endpoint of the device shows it,
    /// the dispatcher script does.
    void reapply_by_others(Dice& dice) {
        Profile* profile = any_profile(dice);
        const MptcpFlags flags = any_flags(dice);
        if (profile == nullptr || profile->activations.empty() || profile->skip_reason) {
            return;
        }
        const Ifindex ifindex = profile->activations[0].ifindex;
        const auto before = endpoints_on(ifindex);
        profile->activations[0].live = flags;
        network_manager.sync();
        if (endpoints_on(ifindex) == before) {
            happened(Event::poked);
        } else {
            has_unannounced_ = true;
        }
    }
    [[nodiscard]] std::vector<Endpoint> endpoints_on(Ifindex ifindex) const {
        std::vector<Endpoint> result = path_manager.table;
        std::erase_if(result, [&](const Endpoint& one) { return one.ifindex != ifindex; });
        return result;
    }
    /// Whatever the table contains, so that the same dice mean the same on hosts that differ for a while.
    void change_endpoints(Dice& dice) {
        const Endpoint other = endpoint(
            any_address(dice), random_endpoint_flags(dice) & path_manager.known_flags, dice.coin() ? 5 : 0);
        const std::uint32_t what = dice.below(4);
        has_unannounced_ = true;
        auto& table = path_manager.table;
        const auto found = std::find_if(
            table.begin(), table.end(), [&](const Endpoint& one) { return one.key == other.key; });
        if (found == table.end()) {
            fake::FakePathManager by_others = path_manager;
            by_others.before_write = nullptr;
            static_cast<void>(by_others.add(other));
            table = by_others.table;
        } else if (what < 2) {
            table.erase(found);
        } else if (what == 2) {
            found->flags = found->flags ^ EndpointFlags { f_backup };
        }
    }
    void change_sysctl(Dice& dice) {
        if (dice.coin()) {
            write_sysctl("enabled", dice.coin() ? "1" : "0");
        } else {
            write_sysctl("add_addr_timeout", std::to_string(dice.below(5)));
        }
    }
    void stop_network_manager() {
        complete_all();
        network_manager.failure = Error{ErrorKind::unavailable, "NetworkManager is not running"};
        happened(Event::network_manager_changed);
    }
    void start_network_manager(Dice& dice) {
        network_manager.failure.reset();
        restart_network_manager(dice);
    }
    void restart_network_manager(Dice& dice) {
        for (Profile& profile : network_manager.state.profiles) {
            if (dice.below(3) == 0) {
                profile.stored = any_flags(dice);
            }
        }
        NetworkManagerState& state_now = network_manager.state;
        state_now.is_starting = dice.coin();
        if (dice.coin()) {
            state_now.default_flags = any_flags(dice);
        }
        if (state_now.version != "1.56.0") {
            state_now.version = dice.coin() ? "1.42.4" : "1.44.2";
        }
        network_manager.activate_all();
        change_endpoints(dice);
        happened(Event::network_manager_changed);
    }
    void lose_events(Dice& dice) {
        Link& link = any_link(dice);
        link.addresses.clear();
        link.addresses.push_back({.address = address(any_address(dice))});
        sync_after_change_of(link.ifindex);
        happened(Event::links_changed);
    }
    /// NetworkManager freezes, or another process has the lock, until the next call.
    void hinder(Dice& dice) {
        const bool freezes = dice.coin();
        if (is_hindered()) {
            events.frozen = lock.taken = false;
        } else {
            (freezes ? events.frozen : lock.taken) = true;
        }
    }

    bool has_unannounced_ = false;
};

} // namespace keeper::test
