// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "fakes/fake_links.hpp"
#include "fakes/fake_path_manager.hpp"
#include "fakes/fake_profiles.hpp"
#include "fakes/fake_sysctls.hpp"

namespace keeper::fake {

/// NetworkManager's profiles and the endpoints that it creates from them, as observed with
/// NetworkManager 1.42: any reapply syncs all handled interfaces; an endpoint with the right address, flags
/// and device stays; others with a device and without a port are removed; net.mptcp.enabled is read when a
/// device is activated, and again only at a reapply with a difference. Its endpoints are not recorded as
/// writes, since they are not the keeper's.
class FakeNetworkManager : public FakeProfiles {
  public:
    FakeNetworkManager(FakePathManager& path_manager, FakeLinks& links, FakeSysctls& sysctls)
        : path_manager_(path_manager), links_(links), sysctls_(sysctls) {
        present_ifindex = [this](const std::string& name) {
            const auto& all = links_.present;
            const auto found =
                std::find_if(all.begin(), all.end(), [&](const Link& link) { return link.name == name; });
            return found == all.end() ? Ifindex{} : found->ifindex;
        };
    }

    /// Like an activation of every profile: reads net.mptcp.enabled, then syncs.
    void activate_all() {
        for (const Profile& profile : state.profiles) {
            for (const ProfileActivation& activation : profile.activations) {
                saw_enabled_[activation.interface] = is_enabled();
            }
        }
        sync();
    }

    /// Devices whose profile is being activated or deactivated: NetworkManager handles them, but their
    /// activation is not part of its state. Tests may set it.
    std::vector<ProfileActivation> in_transition;

    /// An activation of the device begins: it reads net.mptcp.enabled.
    void note_enabled(const std::string& interface) { saw_enabled_[interface] = is_enabled(); }

    /// The interface of a device is renamed, with or without a profile on it.
    void rename(const std::string& from, const std::string& to) {
        for (Profile& profile : state.profiles) {
            for (ProfileActivation& activation : profile.activations) {
                activation.interface = activation.interface == from ? to : activation.interface;
            }
        }
        for (ProfileActivation& activation : in_transition) {
            activation.interface = activation.interface == from ? to : activation.interface;
        }
        if (auto seen = saw_enabled_.extract(from)) {
            saw_enabled_[to] = seen.mapped();
        }
    }

    /// Like `nmcli connection down`: the device loses its addresses, and NetworkManager removes only the
    /// endpoints that it created for it.
    void deactivate(const std::string& interface) {
        for (Profile& profile : state.profiles) {
            auto& activations = profile.activations;
            for (const ProfileActivation& activation : activations) {
                if (activation.interface == interface) {
                    remove_endpoints_of(activation);
                }
            }
            std::erase_if(activations, [&](const auto& one) { return one.interface == interface; });
        }
        for (const ProfileActivation& activation : in_transition) {
            if (activation.interface == interface) {
                remove_endpoints_of(activation);
            }
        }
        std::erase_if(in_transition, [&](const auto& one) { return one.interface == interface; });
        for (Link& link : links_.present) {
            if (link.name == interface) {
                link.addresses.clear();
                link.default_route_v4 = link.default_route_v6 = false;
            }
        }
        sync();
    }

    [[nodiscard]] std::vector<Result<void>> reapply(const std::vector<ReapplyRequest>& requests) override {
        std::vector<Result<void>> results;
        for (const ReapplyRequest& request : requests) {
            const MptcpFlags before = live_of(request.interface);
            results.push_back(FakeProfiles::reapply({request}).front());
            if (results.back() && (before != request.flags || request.force_difference)) {
                saw_enabled_[request.interface] = is_enabled();
                sync();
            }
        }
        return results;
    }

    /// Sets the kernel's endpoints to those that NetworkManager wants.
    void sync() {
        std::vector<Endpoint> wanted;
        std::set<Ifindex> handled;
        for (const Profile& profile : state.profiles) {
            for (const ProfileActivation& activation : profile.activations) {
                if (!profile.skip_reason) {
                    handled.insert(activation.ifindex);
                    add_wanted(activation, wanted);
                }
            }
        }
        for (const ProfileActivation& activation : in_transition) {
            handled.insert(activation.ifindex);
            add_wanted(activation, wanted);
        }
        auto& table = path_manager_.table;
        std::erase_if(table, [&](const Endpoint& present) {
            return handled.count(present.ifindex) != 0 && present.key.port == 0 && !present.is_implicit() &&
                   std::none_of(wanted.begin(), wanted.end(), [&](const Endpoint& endpoint) {
                       return endpoint.key == present.key && endpoint.flags == present.flags &&
                              endpoint.ifindex == present.ifindex;
                   });
        });
        FakePathManager unrecorded = path_manager_;
        unrecorded.before_write = nullptr;
        for (const Endpoint& endpoint : wanted) {
            const auto ignored = unrecorded.add(endpoint); // a duplicate, or no room
            static_cast<void>(ignored);
        }
        table = unrecorded.table;
    }

    /// Those that it made for the device.
    void remove_endpoints_of(const ProfileActivation& activation) {
        std::vector<Endpoint> made;
        add_wanted(activation, made);
        std::erase_if(path_manager_.table, [&](const Endpoint& present) {
            return std::any_of(made.begin(), made.end(), [&](const Endpoint& one) {
                return one.key == present.key && one.flags == present.flags && one.ifindex == present.ifindex;
            });
        });
    }

  private:
    [[nodiscard]] bool is_enabled() const { return sysctls_.values.at("enabled") != "0"; }

    [[nodiscard]] MptcpFlags live_of(const std::string& interface) const {
        for (const Profile& profile : state.profiles) {
            for (const ProfileActivation& activation : profile.activations) {
                if (activation.interface == interface) {
                    return activation.live;
                }
            }
        }
        return {};
    }

    void add_wanted(const ProfileActivation& activation, std::vector<Endpoint>& wanted) const {
        const MptcpFlags flags = activation.live.empty()
                                     ? activation.default_flags.value_or(state.default_flags)
                                     : activation.live;
        const auto seen = saw_enabled_.find(activation.interface);
        const bool enabled =
            (seen == saw_enabled_.end() || seen->second) || flags.has(MptcpFlag::also_without_sysctl);
        if (flags.has(MptcpFlag::disabled) || !enabled) {
            return;
        }
        for (const Link& link : links_.present) {
            if (link.ifindex != activation.ifindex) {
                continue;
            }
            for (const LinkAddress& address : link.addresses) {
                const bool has_route =
                    address.address.family() == Family::ipv4 ? link.default_route_v4 : link.default_route_v6;
                if (!address.no_prefix_route) {
                    continue; // configured by another program
                }
                if (has_route || flags.has(MptcpFlag::also_without_default_route)) {
                    wanted.push_back({{address.address, 0}, to_endpoint_flags(flags), link.ifindex, {}});
                }
            }
        }
    }

    FakePathManager& path_manager_;
    FakeLinks& links_;
    FakeSysctls& sysctls_;
    std::map<std::string, bool> saw_enabled_;
};

} // namespace keeper::fake
