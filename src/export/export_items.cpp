// SPDX-License-Identifier: LGPL-2.1-or-later
#include "export/export_items.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "base/text/digits.hpp"
#include "base/text/yaml_scalar.hpp"
#include "model/process.hpp"
#include "model/sysctl_table.hpp"

namespace keeper::export_items {

namespace {

std::string place(const std::string& file, int line) {
    return line > 0 ? file + ":" + std::to_string(line) : file;
}

/// "FILE:LINE", or "FILE:LINE, which sets 0" if the current value differs from the file's.
std::string set_by(const std::string& file, int line, const std::string& in_file, const std::string& value) {
    return place(file, line) + (in_file == value ? "" : ", which sets " + in_file);
}

std::string sysctl_scalar(const SysctlSpec* spec, const std::string& value) {
    if (spec != nullptr && spec->type == SysctlType::boolean && (value == "0" || value == "1")) {
        return value == "1" ? "true" : "false";
    }
    const bool is_number = is_all_digits(std::string_view(value).substr(value.starts_with('-') ? 1 : 0));
    return is_number ? value : yaml_scalar(value);
}

/// For an unbooted tree, the names in its files show what its kernel has.
bool knows_path_manager(const ExportFacts& facts) {
    if (facts.observed != nullptr) {
        return find_sysctl_value(*facts.observed, "path_manager") != nullptr;
    }
    const auto& lines = facts.sysctl_lines;
    return std::any_of(
        lines.begin(), lines.end(), [](const SysctlLine& line) { return line.name == "path_manager"; });
}

/// path_manager and pm_type are two names of one setting: use the old one only if the new one is missing.
bool is_declarable(const ExportFacts& facts, const std::string& name) {
    const SysctlSpec* spec = find_sysctl(name);
    if (spec != nullptr && spec->read_only) {
        return false;
    }
    return name != "pm_type" || !knows_path_manager(facts);
}

/// Translates pm_type to path_manager if this kernel has both: setting either one sets the other.
SysctlLine with_new_name(const ExportFacts& facts, SysctlLine line) {
    if (line.name == "pm_type" && knows_path_manager(facts) && (line.value == "0" || line.value == "1")) {
        line.name = "path_manager";
        line.value = line.value == "0" ? "kernel" : "userspace";
    }
    return line;
}

/// Where a value was found that no file sets.
std::string from_kernel(const std::string& default_value) {
    return "the running kernel (default: " + default_value + "); no file sets it";
}

struct FoundSysctl {
    std::optional<std::string> value;
    std::optional<SysctlLine> line; ///< the one that systemd-sysctl applies last
};

std::map<std::string, FoundSysctl> found_sysctls(const ExportFacts& facts) {
    std::map<std::string, FoundSysctl> found;
    for (const SysctlLine& written : facts.sysctl_lines) {
        const SysctlLine line = with_new_name(facts, written);
        found[line.name].line = line;
        if (facts.observed == nullptr) {
            found[line.name].value = line.value;
        }
    }
    if (facts.observed != nullptr) {
        for (const auto& [name, value] : facts.observed->sysctls.or_empty()) {
            found[name].value = value;
        }
    }
    return found;
}

/// The value in mptcp-keeper's own configuration; `file` holds "FILE:LINE".
std::optional<SysctlLine> declared_sysctl(const ExportFacts& facts, const std::string& name) {
    if (facts.declared == nullptr) {
        return std::nullopt;
    }
    for (const auto& [declared, setting] : facts.declared->sysctls) {
        const SysctlLine line = with_new_name(facts, {declared, setting.value, to_string(setting.source), 0});
        if (line.name == name) {
            return line;
        }
    }
    return std::nullopt;
}

Item limit_item(const ExportFacts& facts, const std::string& name, std::uint32_t value) {
    Item item{"limits", {name + ": " + std::to_string(value)}, {}, ""};
    for (const LimitLine& line : facts.limit_lines) {
        if (line.name == name) {
            item.found_at.push_back(set_by(line.file, line.line, line.value, std::to_string(value)));
        }
    }
    if (facts.declared != nullptr) {
        const auto& declared =
            name == "subflows" ? facts.declared->subflows : facts.declared->add_addr_accepted;
        if (declared) {
            item.found_at.push_back(set_by(
                to_string(declared->source), 0, std::to_string(declared->value), std::to_string(value)));
        }
    }
    return item;
}

/// mptcpd overwrites both limits, so that the kernel's value is not what anyone asked for, and what a file
/// sets takes effect only without mptcpd.
void leave_to_mptcpd(const ExportFacts& facts, const std::string& name, Item& item) {
    const bool is_declared =
        facts.declared != nullptr && (name == "subflows" ? facts.declared->subflows.has_value()
                                                         : facts.declared->add_addr_accepted.has_value());
    if (!facts.mptcpd || is_declared) {
        return;
    }
    std::string wanted;
    for (const LimitLine& line : facts.limit_lines) {
        wanted = line.name == name ? name + ": " + line.value : wanted;
    }
    if (wanted == item.yaml.front()) {
        return;
    }
    item.left_out = name_of_mptcpd(*facts.mptcpd) + " sets it (now " +
                    item.yaml.front().substr(name.size() + 2) + "): " +
                    (wanted.empty() ? "stop it and declare what this host needs"
                                    : "stop it and remove the # to use the value of the file");
    item.yaml.front() = wanted.empty() ? item.yaml.front() : wanted;
}

} // namespace

std::string name_of_mptcpd(const RunningMptcpd& mptcpd) {
    return describe_process("mptcpd", mptcpd.pid, "mptcp.service");
}

void add_sysctls(const ExportFacts& facts, Items& items) {
    for (const auto& [name, found] : found_sysctls(facts)) {
        if (!is_declarable(facts, name)) {
            continue;
        }
        Item item{"sysctl", {}, {}, ""};
        const std::string value = found.value.value_or("");
        if (found.line) {
            item.found_at.push_back(
                found.value ? set_by(found.line->file, found.line->line, found.line->value, value)
                            : place(found.line->file, found.line->line));
        }
        if (const auto declared = declared_sysctl(facts, name)) {
            item.found_at.push_back(set_by(declared->file, 0, declared->value, value));
        }
        const std::string_view kernel_default = kernel_default_of_sysctl(name);
        const bool is_default = value == kernel_default || kernel_default.empty();
        if (item.found_at.empty() && is_default) {
            continue;
        }
        if (item.found_at.empty()) {
            item.found_at.push_back(from_kernel(std::string(kernel_default)));
        }
        if (!found.value) {
            item.left_out = "this kernel has no net.mptcp." + name;
        }
        const std::string shown = found.value || !found.line ? value : found.line->value;
        item.yaml = {name + ": " + sysctl_scalar(find_sysctl(name), shown)};
        items.push_back(std::move(item));
    }
}

void add_limits(const ExportFacts& facts, Items& items) {
    const Limits kernel_default{2, 0};
    if (facts.observed != nullptr) {
        if (!facts.observed->limits) {
            return;
        }
        for (const auto& [name, value, default_value] :
             {std::tuple("subflows", facts.observed->limits->subflows, kernel_default.subflows),
              std::tuple(
                  "add_addr_accepted",
                  facts.observed->limits->add_addr_accepted,
                  kernel_default.add_addr_accepted)}) {
            Item item = limit_item(facts, name, value);
            if (item.found_at.empty() && value != default_value) {
                item.found_at.push_back(from_kernel(std::to_string(default_value)));
            }
            if (!item.found_at.empty()) {
                leave_to_mptcpd(facts, name, item);
                items.push_back(std::move(item));
            }
        }
        return;
    }
    std::map<std::string, LimitLine> last;
    for (const LimitLine& line : facts.limit_lines) {
        last[line.name] = line;
    }
    for (const auto& [name, line] : last) {
        items.push_back({"limits", {name + ": " + line.value}, {place(line.file, line.line)}, ""});
    }
}

namespace {

void add_list(const std::string& key, const std::map<std::string, Source>& names, Items& items) {
    for (const auto& [name, source] : names) {
        items.push_back(
            {.section = "applications",
             .yaml = {"- " + yaml_scalar(name)},
             .found_at = {to_string(source)},
             .left_out = "",
             .list = key});
    }
}

/// `all` and `slices` require it.
void add_enabled(const Source& source, Items& items) {
    const bool is_there = std::any_of(items.begin(), items.end(), [](const Item& item) {
        return item.section == "sysctl" && item.yaml.front().starts_with("enabled:");
    });
    if (!is_there) {
        items.push_back({"sysctl", {"enabled: true"}, {to_string(source)}, ""});
    }
}

} // namespace

void add_applications(const ExportFacts& facts, Items& items) {
    std::map<std::string, std::vector<std::string>> found_at;
    for (const ProgramLine& line : facts.program_lines) {
        found_at[line.unit].push_back(place(line.file, line.line) + ", which starts it " + line.how);
    }
    if (facts.declared != nullptr) {
        for (const auto& [unit, source] : facts.declared->units) {
            found_at[unit].push_back(to_string(source));
        }
    }
    for (const auto& [unit, places] : found_at) {
        items.push_back({"applications", {"- " + yaml_scalar(unit)}, places, "", "units"});
    }
    if (facts.declared == nullptr) {
        return;
    }
    add_list("never", facts.declared->never, items);
    if (const auto& all = facts.declared->all_programs; all && all->value) {
        items.push_back({"applications", {"all: true"}, {to_string(all->source)}, ""});
    }
    add_list("slices", facts.declared->slices, items);
    if (const auto enabled = declared_enabled(*facts.declared);
        enabled && declares_program_hook(*facts.declared)) {
        add_enabled(enabled->source, items);
    }
}

} // namespace keeper::export_items
