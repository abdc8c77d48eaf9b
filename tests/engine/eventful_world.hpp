// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "engine/random_world.hpp"
#include "engine/reconciled_world.hpp"

namespace keeper::test {

/// How much the events of a world say.
enum class Detail {
    as_announced, ///< what the real adapters report
    none,         ///< each event says that anything may have changed
};

/// A random host on which links, profiles and the kernel's endpoints change. Each change is announced as the
/// kernel and NetworkManager announce it, or not at all: endpoints, limits and the flags that devices run.
class EventfulWorld : public ReconciledWorld {
  public:
    EventfulWorld(Detail detail, std::chrono::milliseconds full_look_interval)
        : ReconciledWorld(full_look_interval), detail_(detail) {
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
        desired.reconcile.interval.value = 60s;
        load();
    }

    /// One of all possible changes.
    void change(Dice& dice) {
        switch (dice.below(18)) {
        case 0:
            return add_address(dice);
        case 1:
            return remove_address(dice);
        case 2:
            return toggle_tentative(dice);
        case 3:
            return toggle_route(dice);
        case 4:
            return rename_link(dice);
        case 5:
            return container_comes_or_goes(dice);
        case 6:
        case 7:
            return edit_profile(dice);
        case 8:
            return add_or_delete_profile(dice);
        case 9:
            return activate_or_deactivate(dice);
        case 10:
            return reapply_by_others(dice);
        case 11:
        case 12:
            return change_endpoints(dice);
        case 13:
            path_manager.current_limits = {dice.below(9), dice.below(9)}; // not announced
            return;
        case 14:
            return change_sysctl(dice);
        case 15:
            return restart_network_manager(dice);
        case 16:
            return lose_events(dice);
        default:
            return hinder(dice);
        }
    }

    /// Nothing hinders the reconciler any more.
    void calm_down() {
        lock.taken = false;
        events.frozen = false;
        if (!network_manager.state.unsettled.empty()) {
            network_manager.state.unsettled.clear();
            announce_object("");
        }
    }

  private:
    using Address = std::string;

    void announce_link(const Link& link) {
        announce_change({link.ifindex, link.name, std::nullopt});
        for (const std::string& name : link.alternative_names) {
            announce_change({link.ifindex, name, std::nullopt});
        }
    }
    void announce_change(LinkChange change) {
        if (detail_ == Detail::none) {
            happened(Event::links_changed);
        } else {
            link_changed(std::move(change));
        }
    }
    /// A profile by its uuid, or a device by its name.
    void announce_object(const std::string& object) {
        if (detail_ == Detail::none) {
            happened(Event::links_changed);
            return;
        }
        const auto& profiles = network_manager.state.profiles;
        const bool is_known = std::any_of(profiles.begin(), profiles.end(), [&](const Profile& profile) {
            return network_manager.knows(profile.uuid) && !profile.skip_reason &&
                   (profile.uuid == object ||
                    std::any_of(profile.activations.begin(), profile.activations.end(), [&](const auto& one) {
                        return one.interface == object;
                    }));
        });
        events.pending.add(is_known ? Event::profiles_changed : Event::other_profiles_changed);
        network_manager.announce(object);
    }

    [[nodiscard]] Link& any_link(Dice& dice) {
        return links.present[dice.below(static_cast<std::uint32_t>(links.present.size()))];
    }
    [[nodiscard]] Profile* any_profile(Dice& dice) {
        auto& profiles = network_manager.state.profiles;
        const std::uint32_t number = dice.below(8);
        return number < profiles.size() ? &profiles[number] : nullptr;
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
        network_manager.sync();
    }
    void remove_address(Dice& dice) {
        Link& link = any_link(dice);
        if (link.addresses.empty()) {
            return;
        }
        const IpAddress removed = link.addresses.back().address;
        link.addresses.pop_back();
        announce_change({link.ifindex, "", removed});
        network_manager.sync();
    }
    void toggle_tentative(Dice& dice) {
        Link& link = any_link(dice);
        if (!link.addresses.empty()) {
            LinkAddress& one = link.addresses.back();
            one.tentative = !one.tentative;
            announce_change({link.ifindex, "", one.address});
            network_manager.sync();
        }
    }
    void toggle_route(Dice& dice) {
        Link& link = any_link(dice);
        link.default_route_v4 = !link.default_route_v4;
        announce_change({link.ifindex, "", std::nullopt});
        network_manager.sync();
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
            for (const LinkAddress& one : gone.addresses) {
                announce_change({gone.ifindex, "", one.address});
            }
            announce_link(gone);
            return;
        }
        const int ifindex = 10 + static_cast<int>(dice.below(10));
        const auto is_same = [&](const Link& one) { return one.ifindex >= Ifindex{ifindex}; };
        if (std::any_of(links.present.begin(), links.present.end(), is_same)) {
            return;
        }
        links.present.push_back(link(ifindex, "veth" + std::to_string(ifindex % 10), {any_address(dice)}));
        announce_link(links.present.back());
        announce_change({Ifindex{ifindex}, "", links.present.back().addresses[0].address});
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
        announce_object(profile->uuid);
    }
    /// Inactive, or of a container.
    void add_or_delete_profile(Dice& dice) {
        auto& profiles = network_manager.state.profiles;
        if (profiles.size() > 3 && dice.coin()) {
            const Profile gone = profiles.back();
            announce_object(gone.uuid);
            profiles.pop_back();
            network_manager.sync();
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
        announce_object(added.uuid);
    }
    void activate_or_deactivate(Dice& dice) {
        Profile* profile = any_profile(dice);
        if (profile == nullptr || profile->skip_reason) {
            return;
        }
        const auto found = std::find_if(links.present.begin(), links.present.end(), [&](const Link& one) {
            return one.name == profile->interface_name;
        });
        if (found == links.present.end() || found->ifindex > Ifindex{4}) {
            return;
        }
        const std::string uuid = profile->uuid;
        const IpAddress own = address("192.0.2." + std::to_string(found->ifindex.value - 1));
        const bool is_active = !profile->activations.empty();
        if (is_active) {
            network_manager.deactivate(found->name);
        } else {
            LinkAddress one;
            one.address = own;
            one.no_prefix_route = true;
            found->addresses = {one};
            found->default_route_v4 = true;
            profile->activations = {{found->name, found->ifindex, profile->stored, dice.coin()}};
            network_manager.sync();
        }
        announce_change({found->ifindex, "", own});
        announce_object(uuid);
        announce_object(found->name);
    }
    /// NetworkManager announces neither the flags nor the endpoints. If no endpoint shows it, the dispatcher
    /// script does.
    void reapply_by_others(Dice& dice) {
        Profile* profile = any_profile(dice);
        const MptcpFlags flags = any_flags(dice);
        if (profile == nullptr || profile->activations.empty() || profile->skip_reason) {
            return;
        }
        const std::vector<Endpoint> before = path_manager.table;
        profile->activations[0].live = flags;
        network_manager.sync();
        if (path_manager.table == before) {
            happened(Event::poked);
        }
    }
    void change_endpoints(Dice& dice) {
        auto& table = path_manager.table;
        const Endpoint other = endpoint(
            any_address(dice), random_endpoint_flags(dice) & path_manager.known_flags, dice.coin() ? 5 : 0);
        const std::uint32_t which = dice.below(8);
        if (which < table.size()) {
            if (dice.coin()) {
                table.erase(table.begin() + which);
            } else {
                table[which].flags = table[which].flags ^ EndpointFlags { f_backup };
            }
            return;
        }
        fake::FakePathManager by_others = path_manager;
        by_others.before_write = nullptr;
        static_cast<void>(by_others.add(other));
        table = by_others.table;
    }
    void change_sysctl(Dice& dice) {
        if (dice.coin()) {
            write_sysctl("enabled", dice.coin() ? "1" : "0");
        } else {
            write_sysctl("add_addr_timeout", std::to_string(dice.below(5)));
        }
    }
    void restart_network_manager(Dice& dice) {
        for (Profile& profile : network_manager.state.profiles) {
            if (dice.below(3) == 0) {
                profile.stored = any_flags(dice);
            }
        }
        network_manager.activate_all();
        happened(Event::network_manager_changed);
    }
    void lose_events(Dice& dice) {
        Link& link = any_link(dice);
        link.addresses.clear();
        link.addresses.push_back({.address = address(any_address(dice))});
        network_manager.sync();
        happened(Event::links_changed);
    }
    void hinder(Dice& dice) {
        switch (dice.below(3)) {
        case 0:
            events.frozen = !events.frozen;
            return;
        case 1:
            lock.taken = !lock.taken;
            return;
        default:
            network_manager.state.unsettled = {any_link(dice).ifindex};
            announce_object("");
        }
    }

    Detail detail_;
};

} // namespace keeper::test
