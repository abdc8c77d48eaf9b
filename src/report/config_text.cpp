// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "base/text/digits.hpp"
#include "base/text/join.hpp"
#include "base/text/yaml_scalar.hpp"
#include "model/desired_state.hpp"
#include "report/config_report.hpp"

namespace keeper {

namespace {

/// A line of YAML and where it is declared.
struct Line {
    std::string yaml;
    std::string source;
};
using Lines = std::vector<Line>;

std::string flow_match(const ProfileMatch& match) {
    std::vector<std::string> keys;
    const auto add = [&](const std::string& key, const std::vector<std::string>& values) {
        if (!values.empty()) {
            keys.push_back(key + ": " + yaml_list(values));
        }
    };
    add("name", match.names);
    add("uuid", match.uuids);
    add("interface", match.interfaces);
    add("type", match.types);
    return "{" + joined(keys, ", ") + "}";
}

void add_sysctls(const DesiredState& desired, Lines& lines) {
    if (!desired.sysctls.empty()) {
        lines.push_back({"sysctl:", ""});
    }
    for (const auto& [name, declared] : desired.sysctls) {
        const bool is_number = is_all_digits(declared.value);
        lines.push_back(
            {"  " + name + ": " + (is_number ? declared.value : yaml_scalar(declared.value)),
             to_string(declared.source)});
    }
}

void add_limits(const DesiredState& desired, Lines& lines) {
    if (desired.subflows || desired.add_addr_accepted) {
        lines.push_back({"limits:", ""});
    }
    const auto add = [&](const std::string& name, const std::optional<Declared<std::uint32_t>>& declared) {
        if (declared) {
            lines.push_back(
                {"  " + name + ": " + std::to_string(declared->value), to_string(declared->source)});
        }
    };
    add("subflows", desired.subflows);
    add("add_addr_accepted", desired.add_addr_accepted);
}

void add_profiles(const DesiredState& desired, Lines& lines) {
    if (!desired.profiles.empty()) {
        lines.push_back({"profiles:", ""});
    }
    for (const ProfileRule& rule : desired.profiles) {
        lines.push_back({"  - match: " + flow_match(rule.match), to_string(rule.source)});
        if (rule.except) {
            lines.push_back({"    except: " + flow_match(*rule.except), to_string(rule.source)});
        }
        lines.push_back(
            {"    mptcp-flags: " + (rule.flags ? yaml_list(names(*rule.flags)) : "null"),
             to_string(rule.source)});
        lines.push_back(
            {"    activation: " + std::string(to_string(rule.activation)), to_string(rule.source)});
    }
}

void add_endpoints(const DesiredState& desired, Lines& lines) {
    if (!desired.endpoints.empty()) {
        lines.push_back({"endpoints:", ""});
    }
    for (const auto& [key, endpoint] : desired.endpoints) {
        std::string text = "address: " + yaml_scalar(to_string(key.address));
        text += key.port != 0 ? ", port: " + std::to_string(key.port) : "";
        if (endpoint.absent) {
            text += ", state: absent";
        } else {
            text += endpoint.interface ? ", interface: " + yaml_scalar(*endpoint.interface) : "";
            text += ", flags: " + yaml_list(names(endpoint.flags));
            text += endpoint.id ? ", id: " + std::to_string(endpoint.id->value) : "";
        }
        lines.push_back({"  - {" + text + "}", to_string(endpoint.source)});
    }
}

void add_names(std::string_view key, const std::map<std::string, Source>& names, Lines& lines) {
    if (!names.empty()) {
        lines.push_back({"  " + std::string(key) + ":", ""});
    }
    for (const auto& [name, source] : names) {
        lines.push_back({"    - " + yaml_scalar(name), to_string(source)});
    }
}

void add_applications(const DesiredState& desired, Lines& lines) {
    const auto& all = desired.all_programs;
    if (desired.units.empty() && desired.never.empty() && desired.slices.empty() && !all) {
        return;
    }
    lines.push_back({"applications:", ""});
    add_names("units", desired.units, lines);
    add_names("never", desired.never, lines);
    if (all) {
        lines.push_back({all->value ? "  all: true" : "  all: false", to_string(all->source)});
    }
    add_names("slices", desired.slices, lines);
}

void add_metrics(const MetricsOutput& metrics, Lines& lines) {
    const auto& [textfile, counters] = metrics;
    if (textfile || counters) {
        lines.push_back({"metrics:", ""});
    }
    if (textfile) {
        lines.push_back({"  textfile: " + yaml_scalar(textfile->value), to_string(textfile->source)});
    }
    if (counters) {
        lines.push_back(
            {counters->value ? "  counters: true" : "  counters: false", to_string(counters->source)});
    }
}

std::string duration(std::chrono::milliseconds interval) {
    return interval.count() % 1000 == 0 ? std::to_string(interval.count() / 1000) + "s"
                                        : std::to_string(interval.count()) + "ms";
}

void add_reconcile(const Reconcile& reconcile, Lines& lines) {
    const auto source_or_default = [](const Source& source) {
        const std::string text = to_string(source);
        return text.empty() ? std::string("default") : text;
    };
    lines.push_back({"reconcile:", ""});
    lines.push_back(
        {"  mode: " + std::string(to_string(reconcile.mode.value)),
         source_or_default(reconcile.mode.source)});
    lines.push_back(
        {"  interval: " + duration(reconcile.interval.value), source_or_default(reconcile.interval.source)});
}

} // namespace

std::string config_text(const LoadedConfig& config, Colour colour) {
    Lines lines;
    add_sysctls(config.desired, lines);
    add_limits(config.desired, lines);
    add_profiles(config.desired, lines);
    add_endpoints(config.desired, lines);
    add_applications(config.desired, lines);
    add_metrics(config.desired.metrics, lines);
    add_reconcile(config.desired.reconcile, lines);

    constexpr std::size_t max_aligned = 60; // one long line must not push all comments off the screen
    std::size_t width = 0;
    for (const Line& line : lines) {
        const std::size_t columns = display_width(line.yaml);
        width = columns <= max_aligned ? std::max(width, columns) : width;
    }
    std::string text;
    for (const Line& line : lines) {
        text += line.yaml;
        if (!line.source.empty()) {
            const std::size_t columns = display_width(line.yaml);
            text += std::string(columns < width ? width - columns : 0, ' ') + "  " +
                    paint(colour, Tone::faint, "# " + printable(line.source));
        }
        text += "\n";
    }
    return text;
}

} // namespace keeper
