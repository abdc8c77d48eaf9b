// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "engine/reconciled_world.hpp"

namespace keeper::test {

enum class DeclaredSection { sysctl, limits, endpoints, profiles, program_hook };
using Sections = std::set<DeclaredSection>;
inline const Sections all_sections{
    DeclaredSection::sysctl,
    DeclaredSection::limits,
    DeclaredSection::endpoints,
    DeclaredSection::profiles,
    DeclaredSection::program_hook};

inline std::string name_of(DeclaredSection section) {
    switch (section) {
    case DeclaredSection::sysctl:
        return "sysctl";
    case DeclaredSection::limits:
        return "limits";
    case DeclaredSection::endpoints:
        return "endpoints";
    case DeclaredSection::profiles:
        return "profiles";
    case DeclaredSection::program_hook:
        return "program_hook";
    }
    return "";
}

inline std::string name_of(const Sections& sections) {
    std::string name;
    for (const DeclaredSection section : sections) {
        name += (name.empty() ? "" : "_") + name_of(section);
    }
    return name;
}

/// All non-empty sets of sections that include `required`.
inline std::vector<Sections> subsets_with(const Sections& required = {}) {
    std::vector<Sections> result;
    for (unsigned bits = 1; bits < 32; ++bits) {
        Sections sections;
        for (const DeclaredSection section : all_sections) {
            if ((bits >> static_cast<unsigned>(section) & 1U) != 0) {
                sections.insert(section);
            }
        }
        if (std::includes(sections.begin(), sections.end(), required.begin(), required.end())) {
            result.push_back(sections);
        }
    }
    return result;
}

/// Tests that run with every set of declared sections.
class AnySections : public testing::TestWithParam<Sections> {};
/// Tests of the items of one section, with every set of others.
class WithSysctl : public AnySections {};
class WithLimits : public AnySections {};
class WithEndpoints : public AnySections {};
class WithProfiles : public AnySections {};

inline std::string parameter_name(const testing::TestParamInfo<Sections>& info) {
    return name_of(info.param);
}

/// A host with one item for each declared section; nothing is loaded yet.
struct DeclaredWorld : ReconciledWorld {
    Sections sections;
    MptcpFlags wanted{MptcpFlag::signal, MptcpFlag::subflow, MptcpFlag::also_without_default_route};

    explicit DeclaredWorld(Sections declared_sections) : sections(std::move(declared_sections)) {
        links.present = {link(2, "eth0", {"192.0.2.1"})};
        network_manager.state.profiles = {active_profile("wan", links.present[0], {})};
        network_manager.activate_all();
        if (declares(DeclaredSection::sysctl)) {
            desired.sysctls["add_addr_timeout"] = declared("30");
        }
        if (declares(DeclaredSection::limits)) {
            desired.subflows = declared(4U);
        }
        if (declares(DeclaredSection::endpoints)) {
            desired.endpoints[key("203.0.113.9")] = desired_endpoint({f_signal});
        }
        if (declares(DeclaredSection::profiles)) {
            desired.profiles = {rule("wan", wanted)};
        }
        if (declares(DeclaredSection::program_hook)) {
            desired.slices["user.slice"] = {"test.yaml", 6, 1};
        }
    }
    [[nodiscard]] bool declares(DeclaredSection section) const { return sections.count(section) != 0; }
    /// Loads the declaration, runs until it is applied, and forgets what was written and logged until then.
    void settle() {
        load();
        run_for(3s);
        EXPECT_TRUE(is_as_declared());
        EXPECT_EQ(reconciler.state().repairs, 0U) << "loading is not drift";
        static_cast<void>(notices.take());
        static_cast<void>(take_writes());
    }

    void drift(DeclaredSection section) {
        switch (section) {
        case DeclaredSection::sysctl:
            return write_sysctl("add_addr_timeout", "99");
        case DeclaredSection::limits:
            path_manager.current_limits.subflows = 1;
            return;
        case DeclaredSection::endpoints:
            std::erase_if(
                path_manager.table, [](const Endpoint& one) { return one.key == key("203.0.113.9"); });
            return;
        case DeclaredSection::profiles:
            network_manager.state.profiles[0].stored = {};
            return happened(Event::profiles_changed);
        case DeclaredSection::program_hook:
            program_hook.present.is_attached = false;
            return;
        }
    }
    /// Another program restores the declared value.
    void repair(DeclaredSection section) {
        switch (section) {
        case DeclaredSection::sysctl:
            return write_sysctl("add_addr_timeout", "30");
        case DeclaredSection::limits:
            path_manager.current_limits.subflows = 4;
            return;
        case DeclaredSection::endpoints:
            path_manager.table.push_back(endpoint("203.0.113.9", {f_signal}, 0, 77));
            return;
        case DeclaredSection::profiles:
            network_manager.state.profiles[0].stored = wanted;
            return happened(Event::profiles_changed);
        case DeclaredSection::program_hook:
            program_hook.present.is_attached = true;
            return;
        }
    }
    /// Changes every section's item, declared or not.
    void drift_all() {
        for (const DeclaredSection section : all_sections) {
            drift(section);
        }
    }
    [[nodiscard]] bool is_as_declared(DeclaredSection section) {
        switch (section) {
        case DeclaredSection::sysctl:
            return sysctls.values.at("add_addr_timeout") == "30";
        case DeclaredSection::limits:
            return path_manager.current_limits.subflows == 4;
        case DeclaredSection::endpoints:
            return find("203.0.113.9") != nullptr;
        case DeclaredSection::profiles:
            return network_manager.state.profiles[0].stored == wanted;
        case DeclaredSection::program_hook:
            return program_hook.present.is_attached;
        }
        return false;
    }
    [[nodiscard]] bool is_as_declared() {
        return std::all_of(sections.begin(), sections.end(), [this](DeclaredSection section) {
            return is_as_declared(section);
        });
    }
    /// Whether everything but the profiles is as declared.
    [[nodiscard]] bool is_kernel_as_declared() {
        return std::all_of(sections.begin(), sections.end(), [this](DeclaredSection section) {
            return section == DeclaredSection::profiles || is_as_declared(section);
        });
    }
    [[nodiscard]] static std::string key_of(DeclaredSection section) {
        switch (section) {
        case DeclaredSection::sysctl:
            return "net.mptcp.add_addr_timeout";
        case DeclaredSection::limits:
            return "subflows";
        case DeclaredSection::endpoints:
            return "203.0.113.9";
        case DeclaredSection::profiles:
            return "uuid-wan";
        case DeclaredSection::program_hook:
            return "user.slice";
        }
        return "";
    }
    [[nodiscard]] static std::string write_of(DeclaredSection section) {
        switch (section) {
        case DeclaredSection::sysctl:
            return "write add_addr_timeout";
        case DeclaredSection::limits:
            return "set-limits";
        case DeclaredSection::endpoints:
            return "add 203.0.113.9";
        case DeclaredSection::profiles:
            return "store uuid-wan";
        case DeclaredSection::program_hook:
            return "attach program hook";
        }
        return "";
    }
    /// "WORD KEY" for each declared item, sorted.
    [[nodiscard]] std::vector<std::string> a_line_each(const std::string& word) const {
        std::vector<std::string> lines;
        for (const DeclaredSection section : sections) {
            lines.push_back(word + " " + key_of(section));
        }
        std::sort(lines.begin(), lines.end());
        return lines;
    }
};

} // namespace keeper::test
