#include "diagnose/recipe.hpp"

#include <algorithm>
#include <charconv>

#include "diagnose/recipe_line.hpp"
#include "diagnose/recipe_text.hpp"
#include "diagnose/recipe_units.hpp"

namespace keeper {

namespace {

using recipe_line::Deed;
using recipe_text::base_name;
using recipe_text::for_each_line;
using recipe_text::shell_word;
using recipe_text::trimmed;
using recipe_text::words_of;
using Words = std::vector<std::string>;

template <class T>
std::optional<T> number(std::string_view text) {
    T value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

/// The address of an `ip mptcp endpoint add`, as it is written there.
std::optional<Words::const_iterator> address_added(const Words& words) {
    const auto arguments = recipe_line::after_ip_mptcp(words);
    const bool adds = arguments && words.end() - *arguments >= 3 &&
                      std::string_view("endpoint").starts_with(**arguments) && *(*arguments + 1) == "add";
    return adds ? std::optional(*arguments + 2) : std::nullopt;
}

std::optional<EndpointLine> endpoint_line(const Words& words) {
    const auto added = address_added(words);
    const auto address = added ? IpAddress::parse(**added) : std::nullopt;
    if (!address) {
        return std::nullopt;
    }
    auto word = *added;
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

/// The file goes, and what leads to it.
std::string removal_of(const HostFile& file) {
    std::string command = "rm " + shell_word(file.path);
    for (const std::string& link : file.links) {
        command += " " + shell_word(link);
    }
    return command;
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
    const std::string masked = base_name(file.links.empty() ? file.path : file.links.front());
    // What others link to, and what some package brings, would be missed.
    const bool stays = !file.links.empty() || file.path == root + "/etc/sysctl.conf";
    if (is_vendors && ours == all) {
        leftover.commands = {"ln -sf /dev/null " + shell_word(root + "/etc/sysctl.d/" + masked)};
    } else if (is_vendors) {
        leftover.commands = {
            "# " + file.path + " belongs to a package: put a copy without its net.mptcp lines into " + root +
            "/etc/sysctl.d"};
    } else if (ours == all && !stays) {
        leftover.commands = {"rm " + shell_word(file.path)};
    } else {
        leftover.commands = {R"(sed -i -E '/^[[:space:]]*-?net[.\/]mptcp[.\/]/d' )" + shell_word(file.path)};
    }
    result.push_back(std::move(leftover));
}

/// What is left of a script without such lines does nothing that would be missed.
bool is_frame(std::string_view line) {
    static const Words first_words{
        "then",
        "else",
        "fi",
        "case",
        "esac",
        "in",
        "set",
        "exit",
        "do",
        "done",
        "for",
        "elif",
        "if",
        "[",
        "test",
        "PATH",
        "export"};
    const Words words = words_of(line);
    return words.empty() || line.ends_with(")") ||
           std::find(first_words.begin(), first_words.end(), words.front()) != first_words.end();
}

/// Whether such a line can be about MPTCP nevertheless.
bool is_telling_frame(std::string_view line) {
    const Words words = words_of(line);
    return !words.empty() && (words.front() == "if" || words.front() == "elif" || words.front() == "[" ||
                              words.front() == "test" || words.front() == "export");
}

/// A script that runs at boot or for an event.
void add_hook(const HostFile& file, std::vector<Leftover>& result) {
    Leftover leftover{file.path, "", {}};
    std::string lines;
    bool stays = false;
    for_each_line(file.text, [&](std::string_view line, int at) {
        recipe_line::Meaning meaning;
        if (!is_frame(line) || is_telling_frame(line)) {
            meaning = recipe_line::meaning_of(line);
        }
        if (meaning.deed == Deed::nothing) {
            stays |= !is_frame(line);
            return;
        }
        const bool is_program = meaning.deed == Deed::program;
        leftover.is_exported &= meaning.deed == Deed::setup;
        stays |= is_program;
        lines += (lines.empty() ? "" : ", ") + std::to_string(at);
        if (leftover.reason.empty()) {
            leftover.reason =
                is_program
                    ? "makes a program use MPTCP: `mptcp-keeper run -- PROGRAM` in that line does it too"
                    : meaning.reason;
        }
    });
    if (leftover.reason.empty()) {
        return;
    }
    leftover.commands = {
        stays ? "# " + file.path + " does other things too: change line " + lines : removal_of(file)};
    result.push_back(std::move(leftover));
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

std::vector<std::string> computed_endpoint_lines(const std::vector<HostFile>& files) {
    std::vector<std::string> result;
    for (const HostFile& file : files) {
        for_each_line(file.text, [&](std::string_view line, int at) {
            const Words words = words_of(line);
            const auto address = address_added(words);
            if (address && !IpAddress::parse(**address)) {
                result.push_back(file.path + ":" + std::to_string(at));
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
        if (auto leftover = unit_leftover(file, files.root)) {
            result.push_back(std::move(*leftover));
        }
    }
    for (const HostFile& file : files.hooks) {
        add_hook(file, result);
    }
    for (const HostFile& file : files.systemtap) {
        if (file.text.find("mptcp") != std::string::npos || file.text.find("MPTCP") != std::string::npos) {
            result.push_back(
                {file.path,
                 "makes all programs use MPTCP by SystemTap: nothing replaces that yet; name the units that "
                 "need "
                 "MPTCP under applications.units",
                 {"# once those units are named; end the stap that runs it, if one does", removal_of(file)},
                 false});
        }
    }
    return result;
}

} // namespace keeper
