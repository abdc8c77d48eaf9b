// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host_config/host_settings.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

#include <fnmatch.h>

#include "base/text/lines.hpp"
#include "host_config/file_entries.hpp"
#include "host_config/mechanisms.hpp"
#include "model/sysctl_table.hpp"

namespace keeper {

namespace {

using Kind = Statement::Kind;

bool is_glob(const std::string& name) {
    return name.find_first_of("*?[") != std::string::npos;
}

/// A glob sets only the names that no other line sets, whatever their order (sysctl.d(5)).
void add_globs(std::vector<SysctlLine>& lines) {
    std::vector<SysctlLine> expanded;
    std::vector<SysctlLine> plain;
    for (SysctlLine& line : lines) {
        if (!is_glob(line.name)) {
            plain.push_back(std::move(line));
            continue;
        }
        for (const SysctlSpec& spec : known_sysctls()) {
            if (!spec.read_only && ::fnmatch(line.name.c_str(), std::string(spec.name).c_str(), 0) == 0) {
                expanded.push_back({std::string(spec.name), line.value, line.file, line.line});
            }
        }
    }
    expanded.insert(expanded.end(), plain.begin(), plain.end());
    lines = std::move(expanded);
}

void add(const Statement& statement, const std::string& file, int line, HostSettings& settings) {
    const std::string place = file + ":" + std::to_string(line);
    switch (statement.kind) {
    case Kind::sysctl:
        if (statement.is_known) {
            settings.sysctls.push_back({statement.name, statement.value, file, line});
        }
        return;
    case Kind::limit:
        if (statement.is_known) {
            settings.limits.push_back({statement.name, statement.value, file, line});
        }
        return;
    case Kind::endpoint:
        if (const auto address = IpAddress::parse(statement.name); address && statement.is_known) {
            settings.endpoints.push_back(
                {{*address, statement.port}, statement.interface, statement.flags, file, line});
        } else {
            settings.computed_endpoints.push_back(place);
        }
        return;
    case Kind::endpoint_edit:
        settings.endpoint_edits.push_back({statement.name == "flush", file, line});
        return;
    case Kind::profile:
        settings.profile_lines.push_back(place);
        return;
    case Kind::program:
    case Kind::every_program:
    case Kind::opaque:
        return;
    }
}

/// Every statement contains "mptcp", or an abbreviation that ip(8) and nmcli(1) accept ("ip mp"). Only few
/// files of a host do: the others need no parsing.
bool may_configure_mptcp(std::string_view text) {
    if (text.find("mptcp") != std::string_view::npos || text.find("MPTCP") != std::string_view::npos) {
        return true;
    }
    for (std::size_t at = text.find("mp"); at != std::string_view::npos; at = text.find("mp", at + 1)) {
        if (at == 0 || std::isalnum(static_cast<unsigned char>(text[at - 1])) == 0) {
            return true;
        }
    }
    return false;
}

template <class T>
std::optional<T> number(std::string_view text) {
    T value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

} // namespace

HostSettings settings_of(const std::vector<MechanismFile>& files, WithIdle with_idle) {
    HostSettings settings;
    for (const bool is_idle : {true, false}) {
        if (is_idle && with_idle == WithIdle::no) {
            continue;
        }
        HostSettings part;
        for (const MechanismFile& file : files) {
            if (file.idle.empty() == is_idle || !may_configure_mptcp(file.file.text)) {
                continue;
            }
            for (const FileEntry& entry : entries_of(file)) {
                for (const Statement& statement : entry.statements) {
                    add(statement, file.file.path, entry.line, part);
                }
            }
        }
        add_globs(part.sysctls);
        const auto append = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
        append(settings.sysctls, part.sysctls);
        append(settings.limits, part.limits);
        append(settings.endpoints, part.endpoints);
        append(settings.endpoint_edits, part.endpoint_edits);
        append(settings.computed_endpoints, part.computed_endpoints);
        append(settings.profile_lines, part.profile_lines);
    }
    return settings;
}

std::vector<SysctlLine> sysctl_lines(const std::vector<HostFile>& files) {
    std::vector<MechanismFile> all;
    for (const HostFile& file : files) {
        all.push_back({.file = file, .mechanism = &loaded_values()});
    }
    return settings_of(all, WithIdle::no).sysctls;
}

std::optional<KeyfileProfile> parse_keyfile(const HostFile& file) {
    KeyfileProfile profile;
    profile.file = file.path;
    std::string group;
    for_each_line(file.text, [&](std::string_view line, int at) {
        if (line.front() == '[') {
            group = line;
            return;
        }
        const std::size_t equals = line.find('=');
        if (group != "[connection]" || equals == std::string_view::npos) {
            return;
        }
        const std::string_view key = trimmed(line.substr(0, equals));
        const std::string value(trimmed(line.substr(equals + 1)));
        if (key == "id") {
            profile.name = value;
        } else if (key == "uuid") {
            profile.uuid = value;
        } else if (key == "mptcp-flags") {
            profile.flags = MptcpFlags::from_raw(number<std::uint32_t>(value).value_or(0));
            profile.line = at;
        }
    });
    return profile.name.empty() ? std::nullopt : std::optional(profile);
}

} // namespace keeper
