#include "diagnose/recipe.hpp"

#include <algorithm>
#include <charconv>

#include "diagnose/recipe_text.hpp"

namespace keeper {

namespace {

using recipe_text::for_each_line;
using recipe_text::trimmed;
using recipe_text::words_of;
using Words = std::vector<std::string>;

std::string base_name(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

template <class T>
std::optional<T> number(std::string_view text) {
    T value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

/// Where the arguments of `ip mptcp` begin; nothing where the line does not call it.
std::optional<Words::const_iterator> after_ip_mptcp(const Words& words) {
    auto ip = std::find_if(
        words.begin(), words.end(), [](const std::string& word) { return base_name(word) == "ip"; });
    const auto mptcp = std::find(ip, words.end(), "mptcp");
    const bool only_options_between =
        std::all_of(ip == words.end() ? ip : ip + 1, mptcp, [](const std::string& word) {
            return word.starts_with("-");
        });
    return mptcp != words.end() && only_options_between ? std::optional(mptcp + 1) : std::nullopt;
}

std::optional<EndpointLine> endpoint_line(const Words& words) {
    const auto arguments = after_ip_mptcp(words);
    if (!arguments || words.end() - *arguments < 3 ||
        !std::string_view("endpoint").starts_with(**arguments) || *(*arguments + 1) != "add") {
        return std::nullopt;
    }
    auto word = *arguments + 2;
    const auto address = IpAddress::parse(*word);
    if (!address) {
        return std::nullopt;
    }
    EndpointLine line;
    line.key.address = *address;
    while (++word != words.end()) {
        const bool has_value = word + 1 != words.end();
        if (const auto flag = parse_endpoint_flag(*word)) {
            line.flags = line.flags.with(*flag);
        } else if (*word == "dev" && has_value) {
            line.interface = *++word;
        } else if (*word == "port" && has_value) {
            line.key.port = number<std::uint16_t>(*++word).value_or(0);
        }
    }
    return line;
}

/// What a line does that the keeper does; "" for another line.
std::string what_it_does(std::string_view line) {
    const Words words = words_of(line);
    if (after_ip_mptcp(words)) {
        return "calls `ip mptcp`: the sections limits and endpoints have that";
    }
    const auto has = [&](std::string_view name) {
        return std::any_of(
            words.begin(), words.end(), [&](const std::string& word) { return base_name(word) == name; });
    };
    if (line.find("libmptcpwrap") != std::string_view::npos) {
        return "makes a program use MPTCP, as `mptcpize enable` does: applications.units has that";
    }
    if (has("mptcpize")) {
        return "starts a program through mptcpize: applications.units has that";
    }
    if ((has("stap") || has("staprun")) && line.find("mptcp") != std::string_view::npos) {
        return "runs SystemTap to make programs use MPTCP: applications.units has that";
    }
    if (has("sysctl") && line.find("net.mptcp.") != std::string_view::npos) {
        return "sets net.mptcp sysctls: the section sysctl has that";
    }
    if (has("nmcli") && line.find("mptcp-flags") != std::string_view::npos) {
        return "sets mptcp-flags by nmcli: the section profiles has that";
    }
    return "";
}

/// The lines of a file that are about MPTCP, and whether there are others that do something.
struct Findings {
    std::string reason;
    std::string lines; ///< "3, 4"
    bool does_other_things = false;
};

/// What a line is for the program that reads the file: only what is no frame can be about MPTCP, and only a
/// command would be missed with the file.
enum class Role { command, setting, frame };

template <class RoleOf>
Findings look_at(const HostFile& file, RoleOf role_of) {
    Findings found;
    for_each_line(file.text, [&](std::string_view line, int at) {
        const Role role = role_of(line);
        const std::string reason = role == Role::frame ? "" : what_it_does(line);
        if (!reason.empty()) {
            found.reason = found.reason.empty() ? reason : found.reason;
            found.lines += (found.lines.empty() ? "" : ", ") + std::to_string(at);
        } else if (role == Role::command) {
            found.does_other_things = true;
        }
    });
    return found;
}

std::string comment_on(const HostFile& file, const Findings& found) {
    return "# " + file.path + " does other things too: remove line " + found.lines;
}

void add_sysctl_file(const HostFile& file, const std::string& root, std::vector<Leftover>& result) {
    const std::size_t ours = sysctl_lines({file}).size();
    std::size_t all = 0;
    for_each_line(file.text, [&](std::string_view, int) { ++all; });
    if (ours == 0) {
        return;
    }
    Leftover leftover{file.path, "sets net.mptcp sysctls: the section sysctl has that", {}};
    const bool is_vendors = file.path.starts_with(root + "/usr/lib/");
    if (is_vendors && ours == all) {
        leftover.commands = {"ln -s /dev/null " + root + "/etc/sysctl.d/" + base_name(file.path)};
    } else if (is_vendors) {
        leftover.commands = {
            "# " + file.path + " belongs to a package: put a copy without its net.mptcp lines into " + root +
            "/etc/sysctl.d"};
    } else if (ours == all) {
        leftover.commands = {"rm " + file.path};
    } else {
        leftover.commands = {R"(sed -i -E '/^[[:space:]]*-?net[.\/]mptcp[.\/]/d' )" + file.path};
    }
    result.push_back(std::move(leftover));
}

void add_unit(const HostFile& file, const std::string& root, std::vector<Leftover>& result) {
    const Findings found = look_at(file, [](std::string_view line) {
        return line.starts_with("Exec") && line.back() != '=' ? Role::command
               : line.starts_with("Environment")              ? Role::setting
                                                              : Role::frame;
    });
    if (found.reason.empty()) {
        return;
    }
    const std::string name = base_name(file.path);
    Leftover leftover{file.path, found.reason, {}};
    if (found.reason.find("mptcpize enable") != std::string::npos) {
        leftover.commands = {"mptcpize disable " + name, "systemctl daemon-reload"};
    } else if (found.reason.find("mptcpize") != std::string::npos) {
        leftover.commands = {
            "# write the line " + found.lines + " of " + file.path + " without `mptcpize run`",
            "systemctl daemon-reload"};
    } else if (found.does_other_things) {
        leftover.commands = {comment_on(file, found), "systemctl daemon-reload"};
    } else if (root.empty()) {
        leftover.commands = {"systemctl disable --now " + name, "rm " + file.path, "systemctl daemon-reload"};
    } else {
        leftover.commands = {"systemctl --root=" + root + " disable " + name, "rm " + file.path};
    }
    result.push_back(std::move(leftover));
}

void add_hook(const HostFile& file, std::vector<Leftover>& result) {
    const Findings found = look_at(file, [](std::string_view line) {
        const Words words = words_of(line);
        static const Words frame{
            "then", "else", "fi", "case", "esac", "in", "set", "exit", "do", "done", "for"};
        static const Words tests{"if", "elif", "[", "test", "PATH", "export"};
        const auto begins_with_one_of = [&](const Words& some) {
            return !words.empty() && std::find(some.begin(), some.end(), words.front()) != some.end();
        };
        return words.empty() || line.ends_with(")") || begins_with_one_of(frame) ? Role::frame
               : begins_with_one_of(tests)                                       ? Role::setting
                                                                                 : Role::command;
    });
    if (!found.reason.empty()) {
        result.push_back(
            {file.path,
             found.reason,
             {found.does_other_things ? comment_on(file, found) : "rm " + file.path}});
    }
}

} // namespace

std::vector<EndpointLine> endpoint_lines(const std::vector<HostFile>& files) {
    std::vector<EndpointLine> result;
    for (const HostFile& file : files) {
        for_each_line(file.text, [&](std::string_view line, int at) {
            if (auto found = endpoint_line(words_of(line))) {
                found->file = file.path;
                found->line = at;
                result.push_back(std::move(*found));
            }
        });
    }
    return result;
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

std::vector<Leftover> recipe_leftovers(const RecipeFiles& files) {
    std::vector<Leftover> result;
    for (const HostFile& file : files.sysctls) {
        add_sysctl_file(file, files.root, result);
    }
    for (const HostFile& file : files.units) {
        add_unit(file, files.root, result);
    }
    for (const HostFile& file : files.hooks) {
        add_hook(file, result);
    }
    for (const HostFile& file : files.systemtap) {
        if (file.text.find("mptcp") != std::string::npos || file.text.find("MPTCP") != std::string::npos) {
            result.push_back(
                {file.path,
                 "makes programs use MPTCP by SystemTap: applications.units has that",
                 {"# end the stap that runs it, if one does", "rm " + file.path}});
        }
    }
    return result;
}

} // namespace keeper
