// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "base/text/lines.hpp"
#include "doctor/apparmor_profiles.hpp"

namespace keeper::rules {

namespace {

/// The line without surrounding blanks and a trailing comment.
std::string plain_line(const std::string& raw) {
    const std::string line = raw.substr(0, raw.find(" #", raw.find_first_not_of(" \t#")));
    return std::string(trimmed(line));
}

/// The words of a header, where a quoted text is one word.
std::vector<std::string> words_of_header(const std::string& header) {
    std::vector<std::string> words;
    std::size_t at = 0;
    while ((at = header.find_first_not_of(" \t", at)) != std::string::npos) {
        const bool is_quoted = header[at] == '"';
        const std::size_t start = at + (is_quoted ? 1 : 0);
        const std::size_t end =
            std::min(header.size(), header.find_first_of(is_quoted ? "\"" : " \t", start));
        words.push_back(header.substr(start, end - start));
        at = std::min(header.size(), end + 1);
    }
    return words;
}

/// The name of the profile that a line such as `profile named /usr/sbin/named flags=(complain) {` opens; ""
/// for any other block.
std::string opened_profile(const std::string& line) {
    const std::vector<std::string> words = words_of_header(line);
    if (words.front() == "profile" || words.front() == "hat") {
        return words.at(1);
    }
    const char first = words.front().empty() ? ' ' : words.front().front();
    return first == '^' ? words.front().substr(1) : first == '/' ? words.front() : "";
}

/// The file in /etc/apparmor.d/local that a line includes; "" if it includes none.
std::string included_local_file(const std::string& line) {
    if (!line.starts_with("include ") && !line.starts_with("#include ")) {
        return "";
    }
    const std::size_t start = line.find("<local/");
    const std::size_t end = line.find('>', start == std::string::npos ? 0 : start);
    return start == std::string::npos || end == std::string::npos
               ? ""
               : "/etc/apparmor.d/" + line.substr(start + 1, end - start - 1);
}

std::string joined_blocks(const std::vector<std::string>& blocks) {
    std::string name;
    for (const std::string& block : blocks) {
        name += block.empty() ? "" : (name.empty() ? "" : "//") + block;
    }
    return name;
}

std::optional<AppArmorProfilePlace> find_in_file(const HostFile& file, const std::string& profile) {
    std::vector<std::string> blocks; // the open ones, by name
    std::vector<std::string> headers;
    std::optional<AppArmorProfilePlace> found;
    for (std::string_view rest = file.text; !rest.empty();) {
        const std::string raw(take_line(rest));
        const std::string line = plain_line(raw);
        if (line.size() > 1 && !line.starts_with("#") && line.ends_with("{")) {
            blocks.push_back(opened_profile(line));
            headers.push_back(raw);
            if (!blocks.back().empty() && joined_blocks(blocks) == profile && !found) {
                found = AppArmorProfilePlace{.file = file.path, .header = raw, .local_file = ""};
            }
        } else if (line.starts_with("}") && !blocks.empty()) {
            blocks.pop_back();
        } else if (found && found->local_file.empty() && joined_blocks(blocks) == profile) {
            found->local_file = included_local_file(line);
        }
    }
    const bool is_unique = found && std::count(headers.begin(), headers.end(), found->header) == 1;
    return is_unique || (found && !found->local_file.empty()) ? found : std::nullopt;
}

} // namespace

std::optional<AppArmorProfilePlace>
find_apparmor_profile(const std::vector<HostFile>& files, const std::string& profile) {
    for (const HostFile& file : files) {
        if (auto found = find_in_file(file, profile)) {
            return found;
        }
    }
    return std::nullopt;
}

} // namespace keeper::rules
