// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host_config/command_meaning.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "base/text/path_name.hpp"
#include "host_config/tool_commands.hpp"

namespace keeper {

namespace {

using shell::is_known;
using shell::SimpleCommand;
using Kind = Statement::Kind;
using tool_commands::abbreviates;
using tool_commands::Word;
using tool_commands::Words;

constexpr std::string_view proc_folder = "/proc/sys/net/mptcp/";
constexpr int max_shell_depth = 4;

CommandMeaning meaning_at(const SimpleCommand& command, const SimpleCommand* feeder, int depth);

/// A command that starts another one: the number of its own arguments, and its options that take a value.
struct Wrapper {
    std::size_t arguments = 0;
    std::string_view options_with_value = {};
};
const std::map<std::string, Wrapper>& wrappers() {
    static const std::map<std::string, Wrapper> all = {
        {"sudo", {0, "ughpCDRTU"}},
        {"doas", {0, "Cu"}},
        {"env", {0, "uCS"}},
        {"exec", {0, "a"}},
        {"command", {}},
        {"builtin", {}},
        {"nice", {0, "n"}},
        {"ionice", {0, "cnp"}},
        {"chrt", {1, "TPD"}},
        {"timeout", {1, "sk"}},
        {"nohup", {}},
        {"setsid", {}},
        {"stdbuf", {0, "ioe"}},
        {"flock", {1, "wE"}},
        {"runuser", {0, "ugG"}},
        {"busybox", {}},
        {"chronic", {}},
        {"time", {0, "fo"}},
        {"systemd-run", {0, "pEutMH"}},
        {"systemd-cat", {0, "tp"}},
        {"xargs", {0, "InPLdEs"}}};
    return all;
}

/// Shell constructs and commands without a lasting effect of their own.
bool is_boilerplate(const std::string& name) {
    static const std::set<std::string> all = {
        "[",        "[[",      "test",  "true",   "false", ":",        "exit",    "return", "break",
        "continue", "set",     "shift", "export", "local", "readonly", "declare", "unset",  "trap",
        "umask",    "cd",      "echo",  "printf", "sleep", "read",     "case",    "for",    "select",
        "function", "wait",    "cat",   "grep",   "awk",   "cut",      "head",    "tail",   "tr",
        "seq",      "command", "type",  "which",  "let",   "in"};
    return all.count(name) != 0;
}

void skip_wrapper(const Wrapper& wrapper, Word& word, Word end) {
    while (word != end && word->starts_with("-")) {
        const bool takes_next =
            word->size() == 2 && wrapper.options_with_value.find((*word)[1]) != std::string_view::npos;
        const bool is_last = *word == "--";
        ++word;
        if (takes_next && word != end) {
            ++word;
        }
        if (is_last) {
            break;
        }
    }
    for (std::size_t i = 0; i < wrapper.arguments && word != end; ++i) {
        ++word;
    }
}

std::string written_value(const SimpleCommand* writer) {
    if (writer == nullptr || writer->words.size() < 2) {
        return std::string(1, shell::unknown);
    }
    const Words& words = writer->words;
    const std::string name = base_name(words[0]);
    std::size_t first = 1;
    if (name == "echo") {
        while (first < words.size() && words[first].starts_with("-") && words[first].size() > 1 &&
               words[first].find_first_not_of("neE", 1) == std::string::npos) {
            ++first;
        }
    } else if (name != "printf") {
        return std::string(1, shell::unknown);
    } else if (words[1].find("%s") != std::string::npos || words[1].find("%d") != std::string::npos) {
        ++first;
    }
    std::string value = first < words.size() ? words[first] : "";
    if (value.ends_with("\\n")) {
        value.resize(value.size() - 2);
    }
    return value;
}

void add_writes(const Words& files, const SimpleCommand* writer, CommandMeaning& meaning) {
    for (const std::string& file : files) {
        if (file.starts_with(proc_folder)) {
            const std::string value = written_value(writer);
            const std::string name = file.substr(proc_folder.size());
            meaning.statements.push_back(
                {.kind = Kind::sysctl,
                 .name = name,
                 .value = value,
                 .is_known = is_known(value) && is_known(name)});
        } else if (!file.starts_with("/dev/")) {
            meaning.has_other_effects = true;
        }
    }
}

CommandMeaning read_ip(Word word, Word end, const SimpleCommand& command, int depth) {
    CommandMeaning meaning;
    static const std::set<std::string> with_value = {"-f", "-family", "-rc", "-rcvbuf", "-l", "-loops"};
    for (; word != end && word->starts_with("-"); ++word) {
        if (word->starts_with("-n")) {
            return meaning; // in another network namespace
        }
        if ((abbreviates(*word, "-batch", 2)) && word + 1 != end) {
            meaning.starts.push_back(*(word + 1));
            return meaning;
        }
        if (with_value.count(*word) != 0 && word + 1 != end) {
            ++word;
        }
    }
    if (word == end) {
        return meaning;
    }
    if (abbreviates(*word, "mptcp", 2)) {
        tool_commands::read_ip_mptcp(word + 1, end, meaning);
    } else if (*word == "netns") {
        return meaning;
    } else if (*word == "vrf" && end - word > 3 && *(word + 1) == "exec") {
        SimpleCommand inner = command;
        inner.words.assign(word + 3, end);
        return meaning_at(inner, nullptr, depth + 1);
    } else {
        meaning.has_other_effects = true;
    }
    return meaning;
}

CommandMeaning read_shell(Word word, Word end, int depth) {
    CommandMeaning meaning;
    bool has_inline_script = false;
    for (; word != end && word->starts_with("-"); ++word) {
        has_inline_script |= !word->starts_with("--") && word->find('c') != std::string::npos;
    }
    if (word == end) {
        return meaning;
    }
    if (!has_inline_script) {
        meaning.starts.push_back(*word);
        return meaning;
    }
    if (depth >= max_shell_depth) {
        meaning.has_other_effects = true;
        return meaning;
    }
    const std::vector<SimpleCommand> inner = shell::commands_of(*word);
    for (std::size_t i = 0; i < inner.size(); ++i) {
        const SimpleCommand* feeder = inner[i].reads_pipe && i > 0 ? &inner[i - 1] : nullptr;
        CommandMeaning one = meaning_at(inner[i], feeder, depth + 1);
        std::move(one.statements.begin(), one.statements.end(), std::back_inserter(meaning.statements));
        std::move(one.starts.begin(), one.starts.end(), std::back_inserter(meaning.starts));
        meaning.has_other_effects |= one.has_other_effects;
    }
    return meaning;
}

bool mentions_mptcp(Word word, Word end) {
    return std::any_of(word, end, [](const std::string& one) {
        return one.find("mptcp") != std::string::npos || one.find("MPTCP") != std::string::npos;
    });
}

bool is_preload(const std::string& word) {
    return word.find("libmptcpwrap") != std::string::npos;
}

/// A command of which only the name is known.
CommandMeaning read_other(Word word, Word end) {
    static const std::set<std::string> interpreters = {"python", "python3", "perl", "ruby", "node", "expect"};
    CommandMeaning meaning;
    const std::string name = base_name(*word);
    if (name == "." || name == "source" || interpreters.count(name) != 0) {
        ++word;
        while (word != end && word->starts_with("-")) {
            ++word;
        }
        if (word != end) {
            meaning.starts.push_back(*word);
        }
        return meaning;
    }
    if (is_boilerplate(name)) {
        return meaning;
    }
    if (is_known(*word)) {
        meaning.starts.push_back(*word);
    } else {
        meaning.has_other_effects = true;
    }
    return meaning;
}

CommandMeaning read_command(Word word, Word end, const SimpleCommand& command, int depth) {
    static const std::set<std::string> shells = {"sh", "bash", "dash", "ash", "ksh", "zsh"};
    const std::string name = base_name(*word);
    if (name == "ip" || (!is_known(*word) && word + 1 != end && abbreviates(*(word + 1), "mptcp", 5))) {
        return read_ip(word + 1, end, command, depth);
    }
    if (name == "mptcp") { // a line of an `ip -batch` file
        CommandMeaning batched;
        tool_commands::read_ip_mptcp(word + 1, end, batched);
        return batched;
    }
    if (name == "sysctl") {
        return tool_commands::read_sysctl(word + 1, end);
    }
    if (name == "nmcli") {
        return tool_commands::read_nmcli(word + 1, end);
    }
    if (shells.count(name) != 0) {
        return read_shell(word + 1, end, depth);
    }
    if (name == "nsenter" || name == "unshare" || name == "chroot") {
        return {}; // in another namespace or root
    }
    CommandMeaning meaning;
    if (name == "eval" && word + 1 != end && depth < max_shell_depth) {
        const Words text{"-c", *(word + 1)};
        return read_shell(text.begin(), text.end(), depth);
    }
    if (name == "mptcpize" && word + 1 != end) {
        const std::string& verb = *(word + 1);
        if (verb == "run" || verb == "enable") {
            meaning.statements.push_back({.kind = Kind::program, .name = verb});
        }
        meaning.has_other_effects = verb == "run"; // it starts the program
        return meaning;
    }
    if ((name == "stap" || name == "staprun" || name == "bpftool" || name == "mptcpify") &&
        mentions_mptcp(word, end)) {
        meaning.statements.push_back({.kind = Kind::every_program, .name = name});
        return meaning;
    }
    return read_other(word, end);
}

CommandMeaning meaning_at(const SimpleCommand& command, const SimpleCommand* feeder, int depth) {
    CommandMeaning meaning;
    Word word = command.words.begin();
    const Word end = command.words.end();
    bool is_preloaded = std::any_of(command.assignments.begin(), command.assignments.end(), is_preload);
    while (word != end) {
        const auto wrapper = wrappers().find(base_name(*word));
        if (wrapper == wrappers().end() || word + 1 == end || depth >= max_shell_depth) {
            break;
        }
        skip_wrapper(wrapper->second, ++word, end);
        for (; word != end && wrapper->first == "env" && word->find('=') != std::string::npos; ++word) {
            is_preloaded |= is_preload(*word);
        }
        if (wrapper->first == "runuser" || wrapper->first == "flock") {
            // These accept `-c TEXT` as a shell does.
            const Word text = std::find(command.words.begin(), end, "-c");
            if (text != end && text + 1 != end) {
                return read_shell(text, end, depth + 1);
            }
        }
    }
    if (word != end) {
        const std::string name = base_name(*word);
        if (name == "tee" || name == "dd") {
            Words files;
            for (Word one = word + 1; one != end; ++one) {
                if (!one->starts_with("-")) {
                    files.push_back(one->starts_with("of=") ? one->substr(3) : *one);
                }
            }
            add_writes(files, feeder, meaning);
        } else {
            meaning = read_command(word, end, command, depth);
        }
    }
    add_writes(command.outputs, &command, meaning);
    if (is_preloaded) {
        meaning.statements.push_back({.kind = Kind::program, .name = "preload"});
        meaning.has_other_effects |= !command.words.empty();
    }
    return meaning;
}

} // namespace

CommandMeaning meaning_of(const SimpleCommand& command, const SimpleCommand* feeder) {
    return meaning_at(command, feeder, 0);
}

std::vector<FileEntry> entries_of_script(std::string_view script, const shell::Variables& known) {
    std::vector<FileEntry> entries;
    const std::vector<SimpleCommand> commands = shell::commands_of(script, known);
    for (std::size_t i = 0; i < commands.size(); ++i) {
        const SimpleCommand& command = commands[i];
        CommandMeaning meaning =
            meaning_of(command, command.reads_pipe && i > 0 ? &commands[i - 1] : nullptr);
        if (entries.empty() || entries.back().line != command.line) {
            entries.push_back({.line = command.line, .is_removable = true});
        }
        FileEntry& entry = entries.back();
        std::move(meaning.statements.begin(), meaning.statements.end(), std::back_inserter(entry.statements));
        std::move(meaning.starts.begin(), meaning.starts.end(), std::back_inserter(entry.starts));
        entry.has_other_effects |= meaning.has_other_effects;
        entry.is_removable &= command.is_on_its_own;
    }
    return entries;
}

} // namespace keeper
