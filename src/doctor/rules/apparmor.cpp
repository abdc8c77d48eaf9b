// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/text/join.hpp"
#include "base/text/shell_word.hpp"
#include "doctor/apparmor_log.hpp"
#include "doctor/apparmor_profiles.hpp"
#include "doctor/rules/rules.hpp"

namespace keeper::rules {

namespace {

/// A basic regular expression that matches exactly this line.
std::string exact_pattern(const std::string& line) {
    std::string expression = "^";
    for (const char letter : line) {
        expression += std::string(std::string_view("\\/.*[]^$").find(letter) != std::string_view::npos, '\\');
        expression += letter;
    }
    return expression + "$";
}

/// Adds the rules to the administrator's local file if the profile includes one, because a package replaces
/// the profile's own file; otherwise after the line that opens the profile, as for a profile inside another
/// one.
std::string add_rules(const AppArmorProfilePlace& place, const std::vector<std::string>& rules) {
    std::string command = place.local_file.empty() ? "sed -i" : "printf '  %s\\n'";
    for (const std::string& rule : rules) {
        command += place.local_file.empty()
                       ? " -e " + shell_word("/" + exact_pattern(place.header) + "/a\\  " + rule)
                       : " " + shell_word(rule);
    }
    return command +
           (place.local_file.empty() ? " " + shell_word(place.file) : " >>" + shell_word(place.local_file));
}

/// Container engines and snapd keep their profiles elsewhere; some rewrite them at each start.
std::string find_profile_and_add(const AppArmorDenial& denial) {
    return "grep -rlsF -e " + shell_word(denial.profile) +
           " /etc/apparmor.d /var/lib/snapd/apparmor/profiles   # no file in /etc/apparmor.d defines this "
           "profile; add to it: " +
           joined(denial.rules, " ");
}

} // namespace

Findings apparmor(const Facts& facts) {
    Findings findings;
    for (const AppArmorDenial& denial : mptcp_denials(facts.apparmor_log)) {
        const auto place = find_apparmor_profile(facts.apparmor_profiles, denial.profile);
        findings.push_back(
            {.code = FindingCode::apparmor_denial,
             .severity = Severity::warning,
             .subject = denial.profile,
             .evidence = "AppArmor denied an operation on MPTCP: " + denial.record,
             .fix =
                 place ? add_rules(*place, denial.rules) + " && apparmor_parser -r " + shell_word(place->file)
                       : find_profile_and_add(denial)});
    }
    return findings;
}

} // namespace keeper::rules
