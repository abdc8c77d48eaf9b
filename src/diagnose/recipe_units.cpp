#include "diagnose/recipe_units.hpp"

#include <algorithm>
#include <sstream>

#include "diagnose/recipe_line.hpp"
#include "diagnose/recipe_text.hpp"

namespace keeper {

namespace {

using recipe_line::Deed;
using recipe_text::base_name;
using recipe_text::shell_word;
using recipe_text::trimmed;

/// One setting of a unit, continuation lines joined.
struct Directive {
    std::string key;
    std::string value;
    int line = 0;
    bool is_continued = false;
    recipe_line::Meaning meaning = {};
};

/// A file under systemd's folders has its name there; one from elsewhere that of the link to it.
const std::string& path_for_systemd(const HostFile& file) {
    const bool is_there = file.path.find("/systemd/system/") != std::string::npos;
    return is_there || file.links.empty() ? file.path : file.links.front();
}

bool is_command(const Directive& directive) {
    return directive.key.starts_with("Exec");
}

std::vector<Directive> directives_of(const std::string& text) {
    std::vector<Directive> result;
    std::istringstream lines(text);
    int number = 0;
    bool continues = false;
    for (std::string raw; std::getline(lines, raw);) {
        ++number;
        std::string_view line = trimmed(raw);
        if (line.empty() || line.front() == '#' || line.front() == ';') {
            continues = continues && !line.empty(); // a comment does not end a continued line
            continue;
        }
        const bool goes_on = line.ends_with('\\');
        line = trimmed(line.substr(0, line.size() - (goes_on ? 1 : 0)));
        const std::size_t equals = line.find('=');
        if (continues) {
            result.back().value += " " + std::string(line);
            result.back().is_continued = true;
            continues = goes_on;
        } else if (equals != std::string_view::npos && line.front() != '[') {
            const std::string key(trimmed(line.substr(0, equals)));
            result.push_back({key, std::string(trimmed(line.substr(equals + 1))), number, false});
            continues = goes_on;
        }
    }
    for (Directive& directive : result) {
        if (is_command(directive)) { // its prefixes: systemd.service(5)
            directive.value.erase(0, directive.value.find_first_not_of("@-:+!"));
        }
        if (is_command(directive) || directive.key == "Environment") {
            directive.meaning = recipe_line::meaning_of(directive.value);
        }
    }
    return result;
}

/// Environment= with nothing but LD_PRELOAD=libmptcpwrap, as mptcpize writes it.
bool is_whole_preload(const Directive& directive) {
    std::string value = directive.value;
    std::erase(value, '"');
    std::erase(value, '\'');
    return directive.key == "Environment" && !directive.is_continued && value.starts_with("LD_PRELOAD=") &&
           value.find_first_of(" \t:") == std::string::npos;
}

/// A unit's directives by what they mean.
struct Anatomy {
    std::vector<Directive> ours;
    bool has_other_commands = false;
    bool has_other_settings = false; ///< besides commands, and what only says when the unit runs
    [[nodiscard]] bool does(Deed deed) const {
        return std::any_of(
            ours.begin(), ours.end(), [&](const auto& one) { return one.meaning.deed == deed; });
    }
    [[nodiscard]] std::string lines() const {
        std::string text;
        for (const Directive& one : ours) {
            text += (text.empty() ? "" : ", ") + std::to_string(one.line);
        }
        return text;
    }
};

Anatomy anatomy_of(const HostFile& file) {
    Anatomy anatomy;
    for (Directive& directive : directives_of(file.text)) {
        if (directive.meaning.deed != Deed::nothing) {
            anatomy.ours.push_back(std::move(directive));
        } else if (is_command(directive)) {
            anatomy.has_other_commands |= !directive.value.empty();
        } else {
            anatomy.has_other_settings = true;
        }
    }
    return anatomy;
}

std::string take_out_of(const HostFile& file, const std::string& what, const std::string& lines) {
    return "# " + file.path + " does other things too: take " + what + " out of line " + lines;
}

/// The unit itself stays and starts its program without help.
std::vector<std::string> release_program(const HostFile& file, const Anatomy& anatomy) {
    std::vector<std::string> commands;
    bool deletes = false;
    bool rewrites = false;
    for (const Directive& one : anatomy.ours) {
        const bool is_run = is_command(one) && recipe_line::runs_mptcpize(one.value);
        if (!is_run && !is_whole_preload(one)) {
            return {take_out_of(file, "libmptcpwrap", std::to_string(one.line))};
        }
        (is_run ? rewrites : deletes) = true;
    }
    if (deletes) {
        commands.push_back(
            "sed -i '/^[[:space:]]*Environment[[:space:]]*=.*libmptcpwrap/d' " + shell_word(file.path));
    }
    if (rewrites) {
        commands.push_back(
            "sed -i -E 's,(/[[:alnum:]_./-]*/)?mptcpize[[:space:]]+run[[:space:]]+(-d[[:space:]]+)?,,' " +
            shell_word(file.path));
    }
    return commands;
}

std::string remove(const HostFile& file) {
    std::string command = "rm -f " + shell_word(file.path);
    for (const std::string& link : file.links) {
        command += " " + shell_word(link);
    }
    return command;
}

std::vector<std::string> retire_unit(const HostFile& file, const std::string& root) {
    const std::string name = base_name(path_for_systemd(file));
    const std::string folder = shell_word(root + "/etc/systemd/system") + "/";
    if (file.path.starts_with(root + "/usr/lib/")) {
        return {
            root.empty() ? "systemctl mask --now " + shell_word(name)
                         : "ln -sf /dev/null " + folder + shell_word(name)};
    }
    if (root.empty()) {
        return {"systemctl disable --now " + shell_word(name), remove(file)};
    }
    return {
        "rm -f " + folder + "*.wants/" + shell_word(name) + " " + folder + "*.requires/" + shell_word(name),
        remove(file)};
}

std::vector<std::string> retire(const HostFile& file, const std::string& root, const Anatomy& anatomy) {
    if (!anatomy.does(Deed::setup) && !anatomy.does(Deed::every_program)) {
        const bool is_all =
            is_drop_in(file.path) && !anatomy.has_other_commands && !anatomy.has_other_settings;
        return is_all && std::all_of(anatomy.ours.begin(), anatomy.ours.end(), is_whole_preload)
                   ? std::vector{remove(file)}
                   : release_program(file, anatomy);
    }
    if (anatomy.has_other_commands || anatomy.does(Deed::program)) {
        return {"# " + file.path + " does other things too: remove line " + anatomy.lines()};
    }
    if (is_drop_in(file.path)) {
        return {
            anatomy.has_other_settings
                ? "# " + file.path + " does other things too: remove line " + anatomy.lines()
                : remove(file)};
    }
    return retire_unit(file, root);
}

} // namespace

bool is_drop_in(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return path.ends_with(".conf") && slash != std::string::npos && path.substr(0, slash).ends_with(".d");
}

std::string unit_of(const HostFile& file) {
    const std::string& path = path_for_systemd(file);
    std::string name = base_name(path);
    if (is_drop_in(path)) {
        name = base_name(path.substr(0, path.rfind('/')));
        name.resize(name.size() - 2);
    }
    if (name == "service") {
        return "*.service";
    }
    const std::size_t dot = name.rfind('.');
    const bool is_of_several =
        dot != std::string::npos && dot > 0 && (name[dot - 1] == '@' || name[dot - 1] == '-');
    return is_of_several ? name.insert(dot, "*") : name;
}

std::vector<ProgramLine> program_lines(const std::vector<HostFile>& units) {
    std::vector<ProgramLine> result;
    for (const HostFile& file : units) {
        for (const Directive& one : directives_of(file.text)) {
            if (one.meaning.deed == Deed::program) {
                const bool is_run = is_command(one) && recipe_line::runs_mptcpize(one.value);
                result.push_back(
                    {unit_of(file),
                     is_run ? "through mptcpize" : "with libmptcpwrap preloaded",
                     file.path,
                     one.line});
            }
        }
    }
    return result;
}

std::optional<Leftover> unit_leftover(const HostFile& file, const std::string& root) {
    const Anatomy anatomy = anatomy_of(file);
    const bool is_packages_own_way =
        file.path.starts_with(root + "/usr/lib/") &&
        std::any_of(anatomy.ours.begin(), anatomy.ours.end(), [](const auto& one) {
            return recipe_line::runs_mptcpize(one.value);
        });
    if (anatomy.ours.empty() || is_packages_own_way) {
        return std::nullopt;
    }
    Leftover leftover{file.path, anatomy.ours.front().meaning.reason, retire(file, root, anatomy)};
    leftover.is_exported = !anatomy.does(Deed::every_program);
    if (root.empty()) {
        leftover.commands.emplace_back("systemctl daemon-reload");
    }
    return leftover;
}

} // namespace keeper
