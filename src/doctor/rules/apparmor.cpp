#include <algorithm>
#include <set>

#include "doctor/rules/rules.hpp"

namespace keeper::rules {

namespace {

/// The value of NAME="VALUE" or NAME=VALUE in a line of the audit log; "" where it is not there.
std::string field(const std::string& line, const std::string& name) {
    const std::size_t at = line.find(" " + name + "=");
    if (at == std::string::npos) {
        return "";
    }
    const std::size_t start = at + name.size() + 2;
    const bool is_quoted = start < line.size() && line[start] == '"';
    const std::size_t end = line.find(is_quoted ? '"' : ' ', start + 1);
    const std::string value = line.substr(start, end == std::string::npos ? end : end - start);
    return is_quoted ? value.substr(1) : value;
}

bool is_about_mptcp(const std::string& line) {
    constexpr const char* ipproto_mptcp = "262";
    return field(line, "protocol") == ipproto_mptcp || field(line, "name").find("mptcp") != std::string::npos;
}

/// The file that a profile of a program has in /etc/apparmor.d: usr.sbin.named for /usr/sbin/named.
std::string file_of(std::string profile) {
    profile = profile.substr(0, profile.find("//")); // without what is a part of it
    profile.erase(0, profile.starts_with("/") ? 1 : 0);
    std::replace(profile.begin(), profile.end(), '/', '.');
    return profile;
}

/// A rule of a profile that allows it.
std::string rule_for(const std::string& line) {
    const std::string name = field(line, "name");
    if (name.empty()) {
        const std::string family = field(line, "family");
        return "network " + (family.empty() ? std::string("inet") : family) + " stream,";
    }
    const std::string wanted = field(line, "denied_mask");
    return name + " " +
           (field(line, "operation") == "file_mmap" ? "mr"
            : wanted.empty()                        ? "r"
                                                    : wanted) +
           ",";
}

} // namespace

Findings apparmor(const Facts& facts) {
    Findings findings;
    std::set<std::string> seen;
    for (const std::string& line : facts.apparmor_denials) {
        const std::string profile = field(line, "profile");
        const std::string rule = rule_for(line);
        if (!is_about_mptcp(line) || profile.empty() || !seen.insert(profile + rule).second) {
            continue;
        }
        const std::string file = file_of(profile);
        findings.push_back(
            {FindingCode::apparmor_denial,
             Severity::warning,
             profile,
             "AppArmor denied something about MPTCP: " + line,
             "echo '  " + rule + "' >>/etc/apparmor.d/local/" + file +
                 " && apparmor_parser -r /etc/apparmor.d/" + file});
    }
    return findings;
}

} // namespace keeper::rules
