// SPDX-License-Identifier: LGPL-2.1-or-later
#include <sstream>

#include <gtest/gtest.h>

#include "applications/declared_units.hpp"
#include "doctor/facts_view.hpp"
#include "host_config/host_settings.hpp"
#include "host_config/unit_leftovers.hpp"
#include "model/sysctl_table.hpp"
#include "plan/managed_devices.hpp"
#include "plan/profile_match.hpp"
#include "support/agreement_host.hpp"

/// Findings and plan never contradict each other: for random hosts and declarations, no finding proposes what
/// the plan would undo, or what is declared already.
namespace keeper {
namespace {

using namespace doctor_test;

Scope scope_of_the_kernel_part() {
    Scope scope;
    scope.sections.erase(Section::units);
    scope.sections.erase(Section::program_hook);
    return scope;
}

Plan plan_for(const DesiredState& desired, const Facts& facts) {
    Ownership ownership;
    ownership.kernel = facts.kernel;
    return make_plan(desired, facts.host, ownership, scope_of_the_kernel_part());
}

bool is_actionable(const Change& change) {
    return change.actionability == Actionability::actionable;
}

/// path_manager and pm_type are one setting under two names.
void follow_with_alias(ObservedState& host, const Change& change) {
    const auto* sysctl = std::get_if<SetSysctl>(&change.action);
    if (sysctl != nullptr && sysctl->name == "path_manager") {
        (*host.sysctls)["pm_type"] = sysctl->value == "kernel" ? "0" : "1";
    } else if (sysctl != nullptr && sysctl->name == "pm_type") {
        (*host.sysctls)["path_manager"] = sysctl->value == "0" ? "kernel" : "userspace";
    }
}

/// Carries out plans until nothing is left to do; false if that does not end.
bool converge(const DesiredState& desired, Facts& facts) {
    for (int round = 0; round < 6; ++round) {
        const Plan plan = plan_for(desired, facts);
        if (std::none_of(plan.changes.begin(), plan.changes.end(), is_actionable)) {
            return true;
        }
        for (const Change& change : plan.changes) {
            if (is_actionable(change)) {
                carry_out(facts.host, change);
                follow_with_alias(facts.host, change);
            }
        }
    }
    return false;
}

bool has(const Plan& plan, Actionability actionability, const Change& like) {
    return std::any_of(plan.changes.begin(), plan.changes.end(), [&](const Change& change) {
        return change.actionability == actionability && change.resource == like.resource &&
               change.key == like.key;
    });
}

/// The declaration without its source locations.
DesiredState without_sources(DesiredState state) {
    for (auto& [name, declared] : state.sysctls) {
        declared.source = {};
    }
    for (auto* limit : {&state.subflows, &state.add_addr_accepted}) {
        if (*limit) {
            (*limit)->source = {};
        }
    }
    for (ProfileRule& rule : state.profiles) {
        rule.source = {};
    }
    for (auto& [key, endpoint] : state.endpoints) {
        endpoint.source = {};
    }
    for (auto& [unit, source] : state.units) {
        source = {};
    }
    state.reconcile = {};
    return state;
}

/// The declared flags of each profile that a rule decides.
std::map<std::string, std::optional<MptcpFlags>> decisions(const DesiredState& desired, const Facts& facts) {
    std::map<std::string, std::optional<MptcpFlags>> result;
    if (facts.host.network_manager) {
        for (const Profile& profile : facts.host.network_manager->profiles) {
            if (const ProfileRule* rule = deciding_rule(desired.profiles, profile)) {
                result[profile.uuid] = rule->flags;
            }
        }
    }
    return result;
}

/// Whether both have the same meaning, however they are written.
bool declare_the_same(const DesiredState& a, const DesiredState& b, const Facts& facts) {
    DesiredState left = without_sources(a);
    DesiredState right = without_sources(b);
    const bool same_rules = decisions(a, facts) == decisions(b, facts);
    left.profiles.clear();
    right.profiles.clear();
    return same_rules && left == right;
}

bool concerns_flags(FindingCode code) {
    return code == FindingCode::endpoint_wrong_role || code == FindingCode::no_default_route ||
           code == FindingCode::all_subflows_backup || code == FindingCode::peer_address_closed ||
           code == FindingCode::endpoint_useless || code == FindingCode::tunnel_as_path;
}

/// A description of what the pasted YAML takes back of the declaration; empty if nothing.
std::string
revoked(const Finding& finding, const DesiredState& before, const DesiredState& after, const Facts& facts) {
    for (const auto& [what, limit] :
         {std::pair{&before.subflows, &after.subflows},
          std::pair{&before.add_addr_accepted, &after.add_addr_accepted}}) {
        if (*what && *limit && (*limit)->value < (*what)->value) {
            return "it lowers a declared limit to " + std::to_string((*limit)->value);
        }
    }
    for (const auto& [key, endpoint] : before.endpoints) {
        const auto found = after.endpoints.find(key);
        if (found == after.endpoints.end() || (endpoint.absent && !found->second.absent)) {
            return "it declares " + to_string(key) + ", which is declared absent";
        }
        if (endpoint.id && !found->second.absent && found->second.id != endpoint.id) {
            return "it loses the pinned id of " + to_string(key);
        }
    }
    const auto then = decisions(after, facts);
    for (const auto& [uuid, flags] : decisions(before, facts)) {
        const bool is_touched = then.at(uuid) != flags;
        const bool was_left = flags ? flags->has(MptcpFlag::disabled) : !concerns_flags(finding.code);
        if (is_touched && (was_left || (!concerns_flags(finding.code) && !flags->empty() &&
                                        (*then.at(uuid) & *flags) != *flags))) {
            return "it changes what is declared for profile " + uuid;
        }
    }
    return "";
}

void expect_that_yaml_agrees(
    const Facts& facts, const std::string& declaration, const Finding& finding, bool is_in_sync) {
    const LoadedConfig merged = parse_config({{"declared", declaration}, {"pasted", finding.fix}});
    ASSERT_TRUE(merged.valid()) << merged.errors.front().message;
    const DesiredState pasted = parse_config({{"pasted", finding.fix}}).desired;
    EXPECT_EQ(revoked(finding, *facts.desired, merged.desired, facts), "");
    EXPECT_FALSE(is_in_sync && declare_the_same(merged.desired, *facts.desired, facts)) << "already declared";
    const Plan before = plan_for(*facts.desired, facts);
    // Enabling MPTCP can reveal that profiles and endpoints contradict each other.
    const bool is_turned_on = pasted.sysctls.contains("enabled");
    Facts then = facts;
    ASSERT_TRUE(converge(merged.desired, then));
    for (const Change& change : plan_for(merged.desired, then).changes) {
        const bool is_new =
            change.actionability == Actionability::blocked && !has(before, Actionability::blocked, change);
        // There is another finding for what another program bound to the wrong interface.
        const bool is_anothers = change.note.find("another program bound it") != std::string::npos;
        EXPECT_FALSE(is_new && !is_turned_on && !is_anothers) << change.key << " is blocked: " << change.note;
    }
    for (const Change& change : plan_for(pasted, then).changes) {
        EXPECT_FALSE(is_actionable(change)) << "the plan undoes " << change.key;
    }
}

/// The command without its comment.
std::string command_of(const std::string& line) {
    return line.substr(0, line.starts_with("#") ? 0 : line.find("   # "));
}

/// `ip mptcp endpoint add ADDRESS [dev NAME] FLAG… [port PORT]`
void add_by_command(Facts& facts, const std::string& command) {
    constexpr std::string_view begin = "ip mptcp endpoint add ";
    const std::size_t at = command.find(begin);
    if (at == std::string::npos) {
        return;
    }
    std::istringstream words(command.substr(at + begin.size()));
    Endpoint added;
    std::string word;
    words >> word;
    added.key.address = *IpAddress::parse(word);
    while (words >> word) {
        if (word == "dev") {
            words >> word;
            added.ifindex = find_link(facts.host, word)->ifindex;
        } else if (word == "port") {
            words >> added.key.port;
        } else {
            added.flags = added.flags | EndpointFlags{parse_endpoint_flag(word).value()};
        }
    }
    add_as_kernel(facts.host, added);
}

void expect_that_deletion_lasts(const Facts& facts, const std::string& command) {
    constexpr std::string_view begin = "ip mptcp endpoint delete id ";
    const std::size_t at = command.find(begin);
    if (at == std::string::npos || command.find("&& mptcp-keeper apply") != std::string::npos) {
        return;
    }
    const int id = std::stoi(command.substr(at + begin.size()));
    const auto& all = *facts.host.endpoints;
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const Endpoint& one) { return one.id.value == id; });
    ASSERT_NE(found, all.end()) << "no endpoint has the id " << id;
    Facts then = facts;
    remove_as_kernel(then.host, found->key);
    add_by_command(then, command);
    const Plan before = plan_for(*facts.desired, facts);
    for (const Change& change : plan_for(*facts.desired, then).changes) {
        EXPECT_TRUE(
            change.key != to_string(found->key) || !is_actionable(change) ||
            std::holds_alternative<RemoveEndpoint>(change.action) ||
            has(before, change.actionability, change))
            << "the plan puts " << change.key << " back";
    }
    EXPECT_TRUE(
        !facts.desired->endpoints.contains(found->key) || command.find("endpoint add") != std::string::npos ||
        facts.desired->endpoints.at(found->key).absent)
        << "it deletes what is declared";
}

/// Afterwards the device runs with the stored flags of its profile.
void expect_that_activation_lasts(const Facts& facts, const std::string& command) {
    for (const Profile& profile :
         facts.host.network_manager ? facts.host.network_manager->profiles : std::vector<Profile>{}) {
        const ProfileRule* rule = deciding_rule(facts.desired->profiles, profile);
        if (command.find("nmcli connection up uuid " + profile.uuid) == std::string::npos ||
            rule == nullptr || !rule->flags || unsupported_flag(*rule->flags, *facts.host.network_manager)) {
            continue;
        }
        EXPECT_EQ(profile.stored, *rule->flags) << "the plan stores other flags in " << profile.name;
    }
}

void expect_that_commands_agree(const Facts& facts, const Finding& finding) {
    std::istringstream lines(finding.fix);
    for (std::string line; std::getline(lines, line);) {
        const std::string command = command_of(line);
        expect_that_deletion_lasts(facts, command);
        if (finding.code == FindingCode::nm_flags_not_live ||
            finding.code == FindingCode::nm_makes_no_endpoint) {
            expect_that_activation_lasts(facts, command);
        }
        const auto pm = facts.desired->sysctls.find("path_manager");
        const auto type = facts.desired->sysctls.find("pm_type");
        const bool is_for_mptcpd = (pm != facts.desired->sysctls.end() && pm->second.value == "userspace") ||
                                   (type != facts.desired->sysctls.end() && type->second.value == "1");
        EXPECT_FALSE(
            is_for_mptcpd && command.find("disable --now mptcp.service") != std::string::npos &&
            rules::uses_userspace_path_manager(facts))
            << "the declared path manager is mptcpd";
    }
    for (const auto& [name, declared] : facts.desired->sysctls) {
        const bool renames = finding.code == FindingCode::wrong_sysctl_name &&
                             finding.fix.find("\\1" + name + "\\2") != std::string::npos;
        EXPECT_FALSE(renames) << "the line would set " << name << " in addition to the declaration";
    }
}

/// A file that competes with the configuration sets only what is declared.
void expect_that_the_file_is_declared(const Facts& facts, const Finding& finding) {
    if (finding.code != FindingCode::recipe_leftover ||
        finding.evidence.find("competes with the configuration") == std::string::npos) {
        return;
    }
    for (const MechanismFile& file : facts.mechanism_files) {
        if (file.file.path != finding.subject) {
            continue;
        }
        const HostSettings settings = settings_of({file}, WithIdle::yes);
        for (const SysctlLine& line : settings.sysctls) {
            EXPECT_TRUE(
                facts.desired->sysctls.contains(line.name) ||
                facts.desired->sysctls.contains(alias_of_sysctl(line.name)) ||
                line.name.starts_with("mptcp_"));
        }
        for (const LimitLine& line : settings.limits) {
            EXPECT_TRUE(line.name == "subflows" ? facts.desired->subflows : facts.desired->add_addr_accepted);
        }
        for (const EndpointLine& line : settings.endpoints) {
            EXPECT_TRUE(facts.desired->endpoints.contains(line.key) || !facts.desired->profiles.empty());
        }
        EXPECT_TRUE(settings.profile_lines.empty() || !facts.desired->profiles.empty());
        for (const ProgramLine& line : program_lines({file})) {
            EXPECT_TRUE(declares_unit(facts.desired->units, line.unit));
        }
    }
}

void expect_that_all_agree(const Facts& facts, const std::string& declaration) {
    const bool is_in_sync = plan_for(*facts.desired, facts).in_sync();
    for (const Finding& finding : diagnose(facts).findings) {
        SCOPED_TRACE(
            std::string(to_string(finding.code)) + " " + finding.subject + ": " + finding.evidence +
            "\nFIX\n" + finding.fix);
        if (can_be_pasted(finding) || finding.fix.starts_with("applications:")) {
            expect_that_yaml_agrees(facts, declaration, finding, is_in_sync);
        } else {
            expect_that_commands_agree(facts, finding);
        }
        expect_that_the_file_is_declared(facts, finding);
    }
}

TEST(DoctorAgreement, FindingsNeverContradictThePlanOnRandomHosts) {
    for (std::uint32_t seed = 1; seed <= 3000; ++seed) {
        Dice dice(seed);
        Facts facts = random_facts(dice);
        const std::string declaration = random_declaration(dice);
        SCOPED_TRACE("seed " + std::to_string(seed) + "\nDECLARED\n" + declaration);
        const LoadedConfig config = parse_config({{"declared", declaration}});
        ASSERT_TRUE(config.valid()) << config.errors.front().message;
        facts.desired = config.desired;
        expect_that_all_agree(facts, declaration);
        ASSERT_TRUE(converge(*facts.desired, facts));
        SCOPED_TRACE("as the plan leaves the host");
        expect_that_all_agree(facts, declaration);
    }
}

} // namespace
} // namespace keeper
