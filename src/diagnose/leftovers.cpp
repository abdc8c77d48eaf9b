#include "diagnose/leftovers.hpp"

#include <algorithm>
#include <map>
#include <sstream>
#include <string_view>

#include "diagnose/recipe_text.hpp"
#include "diagnose/recipe_units.hpp"

namespace keeper {

namespace {

constexpr std::string_view blanks = " \t\r";

std::string_view trimmed(std::string_view text) {
    const std::size_t start = text.find_first_not_of(blanks);
    if (start == std::string_view::npos) {
        return {};
    }
    return text.substr(start, text.find_last_not_of(blanks) - start + 1);
}

template <class Use>
void for_each_line(const std::string& text, Use use) {
    std::istringstream lines(text);
    int number = 0;
    for (std::string line; std::getline(lines, line);) {
        use(trimmed(line), ++number);
    }
}

std::vector<std::string> words_of(std::string_view line) {
    std::istringstream stream{std::string(line)};
    std::vector<std::string> words;
    for (std::string word; stream >> word;) {
        words.push_back(std::move(word));
    }
    return words;
}

/// The limit that iproute2 means by that word, which it takes shortened; "" for another word.
std::string limit_named(const std::string& word) {
    for (const std::string name : {"subflows", "add_addr_accepted"}) {
        if (!word.empty() && name.starts_with(word)) {
            return name;
        }
    }
    return "";
}

/// What is left of a word of a shell's command line without its quotes and separators.
std::string bare(std::string word) {
    std::erase_if(word, [](char c) { return c == '"' || c == '\'' || c == ';'; });
    return word;
}

/// `line`: a command line; `found` tells where it stands.
void add_limits(std::string_view line, const LimitLine& found, std::vector<LimitLine>& result) {
    if (line.find("mptcp") == std::string_view::npos || line.find("limits") == std::string_view::npos) {
        return;
    }
    const std::vector<std::string> words = words_of(line);
    const auto limits = std::find(words.begin(), words.end(), "limits");
    for (auto word = limits; word != words.end() && word + 1 != words.end(); ++word) {
        const std::string name = limit_named(bare(*word));
        if (!name.empty()) {
            result.push_back({name, bare(*(word + 1)), found.file, found.line});
        }
    }
}

} // namespace

std::vector<SysctlLine> sysctl_lines(const std::vector<HostFile>& files) {
    constexpr std::string_view prefix = "net.mptcp.";
    std::vector<SysctlLine> result;
    for (const HostFile& file : files) {
        for_each_line(file.text, [&](std::string_view line, int number) {
            const std::size_t equals = line.find('=');
            if (line.empty() || line[0] == '#' || line[0] == ';' || equals == std::string_view::npos) {
                return;
            }
            std::string name(trimmed(line.substr(line[0] == '-' ? 1 : 0, equals - (line[0] == '-' ? 1 : 0))));
            std::replace(name.begin(), name.end(), '/', '.');
            if (name.starts_with(prefix)) {
                result.push_back(
                    {name.substr(prefix.size()),
                     std::string(trimmed(line.substr(equals + 1))),
                     file.path,
                     number});
            }
        });
    }
    return result;
}

std::vector<LimitLine> limit_lines(const std::vector<HostFile>& units) {
    std::vector<LimitLine> result;
    for (const HostFile& unit : units) {
        for_each_line(unit.text, [&](std::string_view line, int number) {
            if (line.starts_with("Exec")) {
                add_limits(line, {"", "", unit.path, number}, result);
            }
        });
    }
    return result;
}

std::vector<LimitLine> limit_lines_of_scripts(const std::vector<HostFile>& scripts) {
    std::vector<LimitLine> result;
    for (const HostFile& script : scripts) {
        recipe_text::for_each_line(script.text, [&](std::string_view line, int number) {
            add_limits(line, {"", "", script.path, number}, result);
        });
    }
    return result;
}

std::vector<SysctlLine> sysctl_calls(const std::vector<HostFile>& files) {
    constexpr std::string_view prefix = "net.mptcp.";
    std::vector<SysctlLine> result;
    for (const HostFile& file : files) {
        recipe_text::for_each_line(file.text, [&](std::string_view line, int number) {
            if (line.find("sysctl") == std::string_view::npos) {
                return;
            }
            for (std::size_t at = line.find(prefix); at != std::string_view::npos;
                 at = line.find(prefix, at)) {
                at += prefix.size();
                const std::string_view rest = line.substr(at);
                const std::size_t equals = rest.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_");
                if (equals == std::string_view::npos || rest[equals] != '=') {
                    continue;
                }
                const std::string_view value = rest.substr(equals + 1);
                result.push_back(
                    {std::string(rest.substr(0, equals)),
                     std::string(value.substr(0, value.find_first_of(" \t;&|\"'"))),
                     file.path,
                     number});
            }
        });
    }
    return result;
}

std::vector<std::string> rivals_on_disk(
    const DesiredState& desired,
    const std::vector<SysctlLine>& sysctls,
    const std::vector<LimitLine>& limits) {
    std::vector<std::string> result;
    std::map<std::string, SysctlLine> last;
    for (const SysctlLine& line : sysctls) {
        last[line.name] = line;
    }
    for (const auto& [name, line] : last) {
        const auto declared = desired.sysctls.find(name);
        if (declared != desired.sysctls.end() && declared->second.value != line.value) {
            result.push_back(
                line.file + ":" + std::to_string(line.line) + " sets net.mptcp." + name + " to " +
                line.value + " at boot, and " + to_string(declared->second.source) + " declares " +
                declared->second.value + "; remove that line");
        }
    }
    for (const LimitLine& line : limits) {
        const auto& declared = line.name == "subflows" ? desired.subflows : desired.add_addr_accepted;
        if (declared && std::to_string(declared->value) != line.value) {
            result.push_back(
                line.file + ":" + std::to_string(line.line) + " sets the limit " + line.name + " to " +
                line.value + ", and " + to_string(declared->source) + " declares " +
                std::to_string(declared->value) +
                (is_drop_in(line.file)
                     ? "; remove that line"
                     : "; `systemctl disable --now " + recipe_text::base_name(line.file) + "` retires it"));
        }
    }
    return result;
}

} // namespace keeper
