#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>

#include "doctor/apparmor_log.hpp"

namespace keeper::rules {

namespace {

/// The audit subsystem writes a text with blanks, quotes or control characters as hexadecimal digits.
std::string from_hex(const std::string& digits) {
    constexpr std::string_view known = "0123456789ABCDEF";
    if (digits.size() % 2 != 0 || digits.find_first_not_of(known) != std::string::npos) {
        return digits;
    }
    std::string text;
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        text += static_cast<char>(known.find(digits[i]) * 16 + known.find(digits[i + 1]));
    }
    return text;
}

/// The value of NAME="VALUE", NAME=HEX or NAME=NUMBER in a record; "" where it is not there.
std::string field(const std::string& record, const std::string& name) {
    const std::size_t at = record.find(" " + name + "=");
    if (at == std::string::npos) {
        return "";
    }
    const std::size_t start = at + name.size() + 2;
    const bool is_quoted = start < record.size() && record[start] == '"';
    const std::size_t end = record.find_first_of(is_quoted ? "\"" : " \n\x1d", start + 1);
    const std::string value = record.substr(start, end == std::string::npos ? end : end - start);
    return is_quoted ? value.substr(1) : value;
}

/// As field(), of a field that holds a text of others.
std::string text_field(const std::string& record, const std::string& name) {
    return record.find(" " + name + "=\"") == std::string::npos ? from_hex(field(record, name))
                                                                : field(record, name);
}

/// Where only root creates files: a path elsewhere is what some user chose to call it.
bool is_of_the_system(const std::string& path) {
    constexpr std::array<std::string_view, 4> folders = {"/proc/sys/net/mptcp/", "/usr/", "/lib", "/etc/"};
    return std::any_of(
        folders.begin(), folders.end(), [&](std::string_view folder) { return path.starts_with(folder); });
}

/// A path that means itself in a rule: nothing in it is a pattern, a variable or a shell's.
bool is_plain(const std::string& path) {
    constexpr std::string_view plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:+=-";
    return path.find_first_not_of(plain) == std::string::npos;
}

bool is_about_mptcp(const std::string& record) {
    constexpr const char* ipproto_mptcp = "262";
    const std::string path = text_field(record, "name");
    return field(record, "protocol") == ipproto_mptcp ||
           (path.find("mptcp") != std::string::npos && is_of_the_system(path) && is_plain(path));
}

/// The permissions of a rule that allows what a record's denied_mask names. Creating and deleting are part of
/// writing, a program is started within the same profile, and a library is read before it is mapped.
std::set<char> needed_permissions(const std::string& record, const std::string& path) {
    std::set<char> found;
    for (const char wanted : field(record, "denied_mask")) {
        found.insert(wanted == 'c' || wanted == 'd' ? 'w' : wanted);
    }
    if (found.count('x') != 0 || found.count('m') != 0 || found.empty()) {
        found.insert('r');
    }
    if (path.find(".so") != std::string::npos) {
        found.insert('m');
    }
    return found;
}

std::string rule_for_path(const std::string& path, const std::set<char>& permissions) {
    std::string mode(permissions.begin(), permissions.end());
    if (const std::size_t exec = mode.find('x'); exec != std::string::npos) {
        mode.insert(exec, "i");
    }
    return path + " " + mode + ",";
}

/// Seconds and milliseconds of a record, as text: logs are joined by them.
std::string time_of(const std::string& record) {
    const std::size_t at = record.find("audit(");
    return at == std::string::npos ? "" : record.substr(at + 6, record.find(':', at) - at - 6);
}

std::vector<std::string> by_time(std::vector<std::string> log) {
    std::stable_sort(log.begin(), log.end(), [](const std::string& one, const std::string& other) {
        return time_of(one) < time_of(other);
    });
    return log;
}

/// What is denied to a profile, before its paths become rules.
struct Gathered {
    std::string record;
    std::set<std::string> rules;
    std::map<std::string, std::set<char>> paths;
};

void add_record(const std::string& record, Gathered& gathered) {
    if (gathered.record.empty()) {
        gathered.record = record;
    }
    if (const std::string path = text_field(record, "name"); !path.empty()) {
        gathered.paths[path].merge(needed_permissions(record, path));
        return;
    }
    const std::string family = field(record, "family");
    gathered.rules.insert("network " + (family.empty() ? "inet" : family) + " stream,");
}

/// The profile that a record says was changed: apparmor="STATUS" operation="profile_replace" name="x".
/// "info" is there where it was loaded again without a difference.
std::string changed_profile(const std::string& record) {
    return field(record, "operation").starts_with("profile_") && field(record, "info").empty()
               ? text_field(record, "name")
               : "";
}

/// Forgets what was denied to the profile that a record says was changed. Profiles inside another one are
/// replaced with a record each, and removed with it without one.
void forget_changed(const std::string& record, std::map<std::string, Gathered>& by_profile) {
    const std::string changed = changed_profile(record);
    const bool is_removed = field(record, "operation") == "profile_remove";
    std::erase_if(by_profile, [&](const auto& one) {
        return one.first == changed || (is_removed && one.first.starts_with(changed + "//"));
    });
}

} // namespace

std::vector<AppArmorDenial> mptcp_denials(const std::vector<std::string>& log) {
    std::map<std::string, Gathered> by_profile;
    for (const std::string& record : by_time(log)) {
        if (!field(record, "namespace").empty() || !field(record, "ns").empty()) {
            continue;
        }
        const std::string status = field(record, "apparmor");
        const std::string profile = text_field(record, "profile");
        if (status == "STATUS") {
            forget_changed(record, by_profile);
        } else if (status == "DENIED" && !profile.empty() && is_about_mptcp(record)) {
            add_record(record, by_profile[profile]);
        }
    }
    std::vector<AppArmorDenial> denials;
    for (auto& [profile, gathered] : by_profile) {
        for (const auto& [path, permissions] : gathered.paths) {
            gathered.rules.insert(rule_for_path(path, permissions));
        }
        denials.push_back(
            {.profile = profile,
             .record = gathered.record,
             .rules = {gathered.rules.begin(), gathered.rules.end()}});
    }
    return denials;
}

} // namespace keeper::rules
