#include "doctor/apparmor_log.hpp"
#include "doctor/apparmor_profiles.hpp"
#include "doctor/rules/rules.hpp"
#include "host_config/text.hpp"

namespace keeper::rules {

namespace {

using host_text::shell_word;

/// The line as a basic regular expression that matches it as a whole.
std::string exactly(const std::string& line) {
    std::string expression = "^";
    for (const char letter : line) {
        expression += std::string(std::string_view("\\/.*[]^$").find(letter) != std::string_view::npos, '\\');
        expression += letter;
    }
    return expression + "$";
}

/// To the administrator's own file where the profile includes one: a package replaces the other. Otherwise,
/// and in a profile inside another one, behind the line that opens the profile.
std::string add_rules(const AppArmorProfilePlace& place, const std::vector<std::string>& rules) {
    std::string command = place.local_file.empty() ? "sed -i" : "printf '  %s\\n'";
    for (const std::string& rule : rules) {
        command += place.local_file.empty()
                       ? " -e " + shell_word("/" + exactly(place.header) + "/a\\  " + rule)
                       : " " + shell_word(rule);
    }
    return command +
           (place.local_file.empty() ? " " + shell_word(place.file) : " >>" + shell_word(place.local_file));
}

std::string in_one_line(const std::vector<std::string>& rules) {
    std::string text;
    for (const std::string& rule : rules) {
        text += (text.empty() ? "" : " ") + rule;
    }
    return text;
}

/// Container engines and snapd keep profiles in places of their own; some write them again at each start.
std::string find_profile_and_add(const AppArmorDenial& denial) {
    return "grep -rlsF " + shell_word(denial.profile) +
           " /etc/apparmor.d /var/lib/snapd/apparmor/profiles   # no file of /etc/apparmor.d opens this "
           "profile: allow in it " +
           in_one_line(denial.rules);
}

} // namespace

Findings apparmor(const Facts& facts) {
    Findings findings;
    for (const AppArmorDenial& denial : mptcp_denials(facts.apparmor_log)) {
        const auto place = find_apparmor_profile(facts.apparmor_profiles, denial.profile);
        findings.push_back(
            {FindingCode::apparmor_denial,
             Severity::warning,
             denial.profile,
             "AppArmor denies the profile something about MPTCP: " + denial.record,
             place ? add_rules(*place, denial.rules) + " && apparmor_parser -r " + shell_word(place->file)
                   : find_profile_and_add(denial)});
    }
    return findings;
}

} // namespace keeper::rules
