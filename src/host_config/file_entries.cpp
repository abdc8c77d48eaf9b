// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host_config/file_entries.hpp"

#include <algorithm>
#include <array>
#include <functional>

#include "base/text/lines.hpp"
#include "base/text/path_name.hpp"
#include "host_config/command_meaning.hpp"
#include "host_config/languages.hpp"
#include "host_config/unit_directives.hpp"

namespace keeper {

namespace {

using languages::first_word;
using languages::mentions;
using languages::shell_entry;
using languages::skip_words;
using languages::unrelated_entry;
using languages::word_entry;
using Entries = std::vector<FileEntry>;
using Kind = Statement::Kind;

FileEntry sysctl_entry(std::string_view line, int number) {
    const bool ignores_errors = line.starts_with("-");
    const std::size_t equals = line.find('=');
    const std::string name = mptcp_sysctl_name(line.substr(
        ignores_errors ? 1 : 0,
        equals == std::string_view::npos ? equals : equals - (ignores_errors ? 1 : 0)));
    if (name.empty() || equals == std::string_view::npos) {
        return unrelated_entry(number);
    }
    return {
        .line = number,
        .statements =
            {{.kind = Kind::sysctl, .name = name, .value = std::string(trimmed(line.substr(equals + 1)))}},
        .is_removable = true};
}

Entries sysctl_entries(const std::string& text) {
    Entries entries;
    for_each_line(
        text, [&](std::string_view line, int number) { entries.push_back(sysctl_entry(line, number)); });
    return entries;
}

/// "sysctl.net.mptcp.enabled=0" on a kernel command line; systemd-sysctl and the kernel apply it.
Entries kernel_line_entries(const std::string& text) {
    Entries entries;
    for_each_line(text, [&](std::string_view line, int number) {
        FileEntry entry = unrelated_entry(number);
        for (const std::string_view word : words_of(line, " \t\"'")) {
            constexpr std::string_view prefix = "sysctl.";
            const std::size_t equals = word.find('=');
            const std::string name =
                word.starts_with(prefix) && equals != std::string_view::npos
                    ? mptcp_sysctl_name(word.substr(prefix.size(), equals - prefix.size()))
                    : "";
            if (!name.empty()) {
                entry.statements.push_back(
                    {.kind = Kind::sysctl, .name = name, .value = std::string(word.substr(equals + 1))});
            }
        }
        entries.push_back(std::move(entry));
    });
    return entries;
}

Entries tuned_entries(const std::string& text) {
    Entries entries;
    std::string section;
    for_each_line(text, [&](std::string_view line, int number) {
        if (line.starts_with("[")) {
            section = line;
        } else if (section == "[sysctl]") {
            entries.push_back(sysctl_entry(line, number));
        } else if (section == "[script]" && line.starts_with("script") && mentions(line, "=")) {
            std::string script(trimmed(line.substr(line.find('=') + 1)));
            constexpr std::string_view folder = "${i:PROFILE_DIR}/";
            script.erase(0, script.starts_with(folder) ? folder.size() : 0);
            entries.push_back({.line = number, .starts = {script}, .is_removable = true});
        } else {
            entries.push_back(unrelated_entry(number));
        }
    });
    return entries;
}

/// The number of words before the command: after "@reboot" or the like, and otherwise.
struct CronFields {
    int named;
    int usual;
};
Entries cron_entries(const std::string& text, CronFields fields) {
    Entries entries;
    for_each_line(text, [&](std::string_view line, int number) {
        const std::string_view first = first_word(line);
        if (mentions(first, "=") || skip_words(line, 1).starts_with("=")) {
            return; // a variable
        }
        std::string command(skip_words(line, first.starts_with("@") ? fields.named : fields.usual));
        command = command.substr(0, command.find('%')); // the rest is its standard input
        entries.push_back(shell_entry(command, number));
    });
    return entries;
}

/// KEY SEPARATOR COMMAND, where a shell or the program itself splits the command into words.
Entries keyed_entries(
    const std::string& text,
    const std::function<bool(std::string_view key)>& is_command,
    char separator,
    FileEntry (*read)(std::string_view, int)) {
    Entries entries;
    for_each_line(text, [&](std::string_view line, int number) {
        const std::size_t end =
            std::min(separator == ' ' ? line.find_first_of(" \t") : line.find(separator), line.size());
        const std::string_view key = trimmed(line.substr(0, end));
        std::string_view value = trimmed(line.substr(std::min(end + 1, line.size())));
        if (!is_command(key)) {
            entries.push_back(unrelated_entry(number));
            return;
        }
        const bool is_quoted = separator == ' ' && value.size() >= 2 && value.front() == value.back() &&
                               (value.front() == '"' || value.front() == '\'');
        entries.push_back(read(is_quoted ? value.substr(1, value.size() - 2) : value, number));
    });
    return entries;
}

bool is_wg_quick_hook(std::string_view key) {
    return key == "PreUp" || key == "PostUp" || key == "PreDown" || key == "PostDown";
}

bool is_openvpn_hook(std::string_view key) {
    static constexpr std::array<std::string_view, 10> hooks = {
        "up",
        "down",
        "route-up",
        "route-pre-down",
        "ipchange",
        "client-connect",
        "client-disconnect",
        "learn-address",
        "tls-verify",
        "auth-user-pass-verify"};
    return std::find(hooks.begin(), hooks.end(), key) != hooks.end();
}

/// TYPE PATH MODE USER GROUP AGE ARGUMENT
FileEntry tmpfiles_entry(std::string_view line, int number) {
    constexpr std::string_view folder = "/proc/sys/net/mptcp/";
    const std::string_view path = first_word(skip_words(line, 1));
    const bool writes = line.front() == 'w' || line.front() == 'f' || line.front() == 'F';
    if (!writes || !path.starts_with(folder)) {
        return unrelated_entry(number);
    }
    return {
        .line = number,
        .statements =
            {{.kind = Kind::sysctl,
              .name = std::string(path.substr(folder.size())),
              .value = std::string(skip_words(line, 6))}},
        .is_removable = true};
}

FileEntry modprobe_entry(std::string_view line, int number) {
    const std::string_view key = first_word(line);
    return key == "install" || key == "remove" ? shell_entry(skip_words(line, 2), number)
                                               : unrelated_entry(number);
}

FileEntry environment_entry(std::string_view line, int number) {
    if (!mentions(line, "libmptcpwrap")) {
        return unrelated_entry(number);
    }
    return {
        .line = number,
        .statements = {{.kind = Kind::every_program, .name = "preload"}},
        .is_removable = true};
}

/// YAML and ifcfg files from which NetworkManager profiles are generated.
FileEntry profile_entry(std::string_view line, int number) {
    std::string bare(line);
    std::erase(bare, '"');
    FileEntry entry = unrelated_entry(number);
    for (const std::string_view key : {"connection.mptcp-flags:", "address-flags:", "MPTCP_FLAGS="}) {
        if (bare.starts_with(key)) {
            entry.statements.push_back(
                {.kind = Kind::profile,
                 .value = std::string(trimmed(std::string_view(bare).substr(key.size())))});
            entry.is_removable = !entry.statements.back().value.empty();
        }
    }
    return entry;
}

template <class Read>
Entries line_entries(const std::string& text, Read read) {
    Entries entries;
    for_each_line(text, [&](std::string_view line, int number) { entries.push_back(read(line, number)); });
    return entries;
}

/// Whether a line in a language that is not parsed seems to configure MPTCP.
bool configures_mptcp(std::string_view line) {
    const bool calls_ip = mentions(line, "mptcp") && (mentions(line, "endpoint") || mentions(line, "limits"));
    return calls_ip || mentions(line, "net.mptcp.") || mentions(line, "net/mptcp/") ||
           mentions(line, "mptcp-flags") || mentions(line, "libmptcpwrap");
}

/// A script: the interpreter in its first line decides whether it can be parsed.
Entries script_entries(const std::string& text) {
    static constexpr std::array<std::string_view, 5> other_languages = {
        "python", "perl", "ruby", "node", "stap"};
    const std::string_view first = std::string_view(text).substr(0, text.find('\n'));
    const bool is_other =
        first.starts_with("#!") &&
        std::any_of(other_languages.begin(), other_languages.end(), [&](std::string_view name) {
            return mentions(first, name);
        });
    if (!is_other) {
        return entries_of_script(text);
    }
    Entries entries;
    for_each_line(text, [&](std::string_view line, int number) {
        if (configures_mptcp(line)) {
            entries.push_back(
                {.line = number, .statements = {{.kind = Kind::opaque}}, .has_other_effects = true});
        }
    });
    return entries;
}

Entries systemtap_entries(const std::string& text) {
    if (!mentions(text, "mptcp") && !mentions(text, "MPTCP")) {
        return {};
    }
    return {{.line = 1, .statements = {{.kind = Kind::every_program, .name = "stap"}}}};
}

} // namespace

std::vector<FileEntry> entries_of(const MechanismFile& file) {
    const std::string& text = file.file.text;
    switch (file.mechanism->syntax) {
    case Syntax::shell:
        return script_entries(text);
    case Syntax::unit:
        return unit_entries(text);
    case Syntax::sysctl:
        return sysctl_entries(text);
    case Syntax::tuned:
        return tuned_entries(text);
    case Syntax::kernel_line:
        return kernel_line_entries(text);
    case Syntax::crontab:
        return cron_entries(text, {2, 6});
    case Syntax::user_crontab:
        return cron_entries(text, {1, 5});
    case Syntax::anacrontab:
        return cron_entries(text, {3, 3});
    case Syntax::interfaces:
        return languages::interfaces_entries(text);
    case Syntax::udev:
        return languages::udev_entries(text);
    case Syntax::wg_quick:
        return keyed_entries(text, is_wg_quick_hook, '=', shell_entry);
    case Syntax::openvpn:
        return keyed_entries(text, is_openvpn_hook, ' ', word_entry);
    case Syntax::keepalived:
        return keyed_entries(
            text,
            [](std::string_view key) { return key.starts_with("notify") || key == "script"; },
            ' ',
            shell_entry);
    case Syntax::cloud_config:
        return languages::cloud_entries(text);
    case Syntax::tmpfiles:
        return line_entries(text, tmpfiles_entry);
    case Syntax::modprobe:
        return line_entries(text, modprobe_entry);
    case Syntax::environment:
        return line_entries(text, environment_entry);
    case Syntax::systemtap:
        return systemtap_entries(text);
    case Syntax::profile:
        return line_entries(text, profile_entry);
    }
    return {};
}

std::string working_folder(const MechanismFile& file) {
    if (file.mechanism->syntax == Syntax::unit) {
        return working_directory_of_unit(file.file.text);
    }
    return folder_of_path(file.file.path);
}

} // namespace keeper
