// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>

#include "doctor/apparmor_log.hpp"

namespace keeper::rules {

namespace {

/// The audit subsystem writes a text with blanks, quotes or control characters in hexadecimal.
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

/// The value of NAME="VALUE", NAME=HEX or NAME=NUMBER in a record; "" if it has none.
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

/// Like field(), for a text that other programs choose.
std::string text_field(const std::string& record, const std::string& name) {
    return record.find(" " + name + "=\"") == std::string::npos ? from_hex(field(record, name))
                                                                : field(record, name);
}

/// Whether only root creates files there: elsewhere, any user may have chosen the path.
bool is_system_path(const std::string& path) {
    constexpr std::array<std::string_view, 4> folders = {"/proc/sys/net/mptcp/", "/usr/", "/lib", "/etc/"};
    return std::any_of(
        folders.begin(), folders.end(), [&](std::string_view folder) { return path.starts_with(folder); });
}

/// Whether a rule takes the path literally: no patterns, variables or shell characters.
bool is_plain(const std::string& path) {
    constexpr std::string_view plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:+=-";
    return path.find_first_not_of(plain) == std::string::npos;
}

bool is_about_mptcp(const std::string& record) {
    constexpr const char* ipproto_mptcp = "262";
    const std::string path = text_field(record, "name");
    return field(record, "protocol") == ipproto_mptcp ||
           (path.find("mptcp") != std::string::npos && is_system_path(path) && is_plain(path));
}

/// The permissions that a rule needs for a record's denied_mask. Writing includes creating and deleting, a
/// program is started within the same profile, and a library is read before it is mapped.
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

/// Seconds and milliseconds of a record, as text, which order the records of both logs.
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

/// The denials of a profile, before its paths become rules.
struct ProfileDenials {
    std::string record;
    std::set<std::string> rules;
    std::map<std::string, std::set<char>> paths;
};

void add_record(const std::string& record, ProfileDenials& found) {
    if (found.record.empty()) {
        found.record = record;
    }
    if (const std::string path = text_field(record, "name"); !path.empty()) {
        found.paths[path].merge(needed_permissions(record, path));
        return;
    }
    const std::string family = field(record, "family");
    found.rules.insert("network " + (family.empty() ? "inet" : family) + " stream,");
}

/// The profile that was changed according to a record: apparmor="STATUS" operation="profile_replace"
/// name="x". "info" is present if it was reloaded unchanged.
std::string changed_profile(const std::string& record) {
    return field(record, "operation").starts_with("profile_") && field(record, "info").empty()
               ? text_field(record, "name")
               : "";
}

/// Discards the denials of a profile that was changed according to a record. Profiles inside another one have
/// their own record when replaced, and none when removed together with it.
void forget_changed(const std::string& record, std::map<std::string, ProfileDenials>& by_profile) {
    const std::string changed = changed_profile(record);
    const bool is_removed = field(record, "operation") == "profile_remove";
    std::erase_if(by_profile, [&](const auto& one) {
        return one.first == changed || (is_removed && one.first.starts_with(changed + "//"));
    });
}

} // namespace

std::vector<AppArmorDenial> mptcp_denials(const std::vector<std::string>& log) {
    std::map<std::string, ProfileDenials> by_profile;
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
    for (auto& [profile, found] : by_profile) {
        for (const auto& [path, permissions] : found.paths) {
            found.rules.insert(rule_for_path(path, permissions));
        }
        denials.push_back(
            {.profile = profile, .record = found.record, .rules = {found.rules.begin(), found.rules.end()}});
    }
    return denials;
}

} // namespace keeper::rules
