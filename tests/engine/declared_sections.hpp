#pragma once

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "engine/reconciled_world.hpp"

namespace keeper::test {

enum class Section { sysctl, limits, endpoints, profiles };
using Sections = std::set<Section>;
inline const Sections all_sections{Section::sysctl, Section::limits, Section::endpoints, Section::profiles};

inline std::string name_of(Section section) {
    switch (section) {
    case Section::sysctl:
        return "sysctl";
    case Section::limits:
        return "limits";
    case Section::endpoints:
        return "endpoints";
    case Section::profiles:
        return "profiles";
    }
    return "";
}

inline std::string name_of(const Sections& sections) {
    std::string name;
    for (const Section section : sections) {
        name += (name.empty() ? "" : "_") + name_of(section);
    }
    return name;
}

/// Every set of sections that declares something and has all of `required`.
inline std::vector<Sections> subsets_with(const Sections& required = {}) {
    std::vector<Sections> result;
    for (unsigned bits = 1; bits < 16; ++bits) {
        Sections sections;
        for (const Section section : all_sections) {
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

/// A test that holds whichever sections are declared.
class AnySections : public testing::TestWithParam<Sections> {};
/// Tests about the items of one section, whichever others are declared.
class WithSysctl : public AnySections {};
class WithLimits : public AnySections {};
class WithEndpoints : public AnySections {};
class WithProfiles : public AnySections {};

inline std::string parameter_name(const testing::TestParamInfo<Sections>& info) {
    return name_of(info.param);
}

/// A host with one item for each of the declared sections; nothing is loaded yet.
struct DeclaredWorld : ReconciledWorld {
    Sections sections;
    MptcpFlags wanted{MptcpFlag::signal, MptcpFlag::subflow, MptcpFlag::also_without_default_route};

    explicit DeclaredWorld(Sections declared_sections) : sections(std::move(declared_sections)) {
        links.present = {link(2, "eth0", {"192.0.2.1"})};
        network_manager.state.profiles = {active_profile("wan", links.present[0], {})};
        network_manager.activate_all();
        if (declares(Section::sysctl)) {
            desired.sysctls["add_addr_timeout"] = declared("30");
        }
        if (declares(Section::limits)) {
            desired.subflows = declared(4U);
        }
        if (declares(Section::endpoints)) {
            desired.endpoints[key("203.0.113.9")] = desired_endpoint({f_signal});
        }
        if (declares(Section::profiles)) {
            desired.profiles = {rule("wan", wanted)};
        }
    }
    [[nodiscard]] bool declares(Section section) const { return sections.count(section) != 0; }
    /// Loads it, lets it come to rest, and forgets what was written and logged until then.
    void settle() {
        load();
        run_for(3s);
        EXPECT_TRUE(is_as_declared());
        EXPECT_EQ(reconciler.state().repairs, 0U) << "what was loaded is no drift";
        static_cast<void>(notices.take());
        static_cast<void>(take_writes());
    }

    void drift(Section section) {
        switch (section) {
        case Section::sysctl:
            return write_sysctl("add_addr_timeout", "99");
        case Section::limits:
            path_manager.current_limits.subflows = 1;
            return;
        case Section::endpoints:
            std::erase_if(
                path_manager.table, [](const Endpoint& one) { return one.key == key("203.0.113.9"); });
            return;
        case Section::profiles:
            network_manager.state.profiles[0].stored = {};
            return happened(Event::profiles_changed);
        }
    }
    /// Another program puts it right.
    void put_right(Section section) {
        switch (section) {
        case Section::sysctl:
            return write_sysctl("add_addr_timeout", "30");
        case Section::limits:
            path_manager.current_limits.subflows = 4;
            return;
        case Section::endpoints:
            path_manager.table.push_back(endpoint("203.0.113.9", {f_signal}, 0, 77));
            return;
        case Section::profiles:
            network_manager.state.profiles[0].stored = wanted;
            return happened(Event::profiles_changed);
        }
    }
    /// Every section's item, declared or not.
    void drift_all() {
        for (const Section section : all_sections) {
            drift(section);
        }
    }
    [[nodiscard]] bool is_right(Section section) {
        switch (section) {
        case Section::sysctl:
            return sysctls.values.at("add_addr_timeout") == "30";
        case Section::limits:
            return path_manager.current_limits.subflows == 4;
        case Section::endpoints:
            return find("203.0.113.9") != nullptr;
        case Section::profiles:
            return network_manager.state.profiles[0].stored == wanted;
        }
        return false;
    }
    [[nodiscard]] bool is_as_declared() {
        return std::all_of(
            sections.begin(), sections.end(), [this](Section section) { return is_right(section); });
    }
    /// What the kernel alone decides.
    [[nodiscard]] bool is_kernel_right() {
        return std::all_of(sections.begin(), sections.end(), [this](Section section) {
            return section == Section::profiles || is_right(section);
        });
    }
    [[nodiscard]] static std::string key_of(Section section) {
        switch (section) {
        case Section::sysctl:
            return "net.mptcp.add_addr_timeout";
        case Section::limits:
            return "subflows";
        case Section::endpoints:
            return "203.0.113.9";
        case Section::profiles:
            return "uuid-wan";
        }
        return "";
    }
    [[nodiscard]] static std::string write_of(Section section) {
        switch (section) {
        case Section::sysctl:
            return "write add_addr_timeout";
        case Section::limits:
            return "set-limits";
        case Section::endpoints:
            return "add 203.0.113.9";
        case Section::profiles:
            return "store uuid-wan";
        }
        return "";
    }
    /// "WORD KEY" for each declared item, sorted.
    [[nodiscard]] std::vector<std::string> a_line_each(const std::string& word) const {
        std::vector<std::string> lines;
        for (const Section section : sections) {
            lines.push_back(word + " " + key_of(section));
        }
        std::sort(lines.begin(), lines.end());
        return lines;
    }
};

} // namespace keeper::test
