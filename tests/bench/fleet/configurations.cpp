// SPDX-License-Identifier: LGPL-2.1-or-later
// What it costs to merge, check and compare the configurations of a whole fleet in one process:
//   fleet-configurations [--hosts N] [--rounds N]
// Each host of tests/support/fleet.hpp has three files and a recorded state. Parsing includes merging and
// checking them; the plan is what `mptcp-keeper diff` would print. Prints Markdown, and fails if a plan is
// not exactly the drift of its host. Does not enforce the target.

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <numeric>
#include <optional>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "config/config.hpp"
#include "config/yaml/yaml_document.hpp"
#include "support/fleet.hpp"

namespace {

using Milliseconds = std::chrono::duration<double, std::milli>;

struct FleetOptions {
    std::uint32_t hosts = 1000;
    std::uint32_t rounds = 5;
};

/// The CPU time of one host, in milliseconds, which does not depend on how busy the machine is.
struct HostTimes {
    double yaml = 0;   ///< reading the YAML of its files, measured by itself
    double config = 0; ///< parsing, merging and checking them, which includes reading the YAML
    double plan = 0;
    [[nodiscard]] double total() const { return config + plan; }
};

/// The CPU time of this program, in milliseconds.
double cpu_time() {
    timespec used{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return static_cast<double>(used.tv_sec) * 1e3 + static_cast<double>(used.tv_nsec) / 1e6;
}

/// Measures one host; std::nullopt if its plan is wrong.
std::optional<HostTimes> measure_host(const keeper::test::FleetHost& host) {
    HostTimes times;
    double start = cpu_time();
    const keeper::LoadedConfig config = keeper::parse_sources(host.files);
    times.config = cpu_time() - start;

    start = cpu_time();
    const keeper::Plan plan = make_plan(config.desired, host.observed, keeper::Ownership{}, keeper::Scope{});
    times.plan = cpu_time() - start;

    start = cpu_time();
    bool is_yaml = true;
    for (const keeper::ConfigSource& file : host.files) {
        is_yaml = keeper::read_yaml(file.text).has_value() && is_yaml;
    }
    times.yaml = cpu_time() - start;

    if (!is_yaml || !config.valid() || !has_exactly(plan, host.drift)) {
        std::fprintf(stderr, "%s: the plan is not its drift\n", host.name.c_str());
        return std::nullopt;
    }
    return times;
}

void print_row(std::string_view what, std::vector<double> values, std::string_view target) {
    std::sort(values.begin(), values.end());
    const double mean =
        std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
    fmt::print(
        "| {} | {:.3f} ms | {:.3f} ms | {:.3f} ms | {:.3f} ms | {} |\n",
        what,
        mean,
        values[values.size() / 2],
        values[values.size() * 99 / 100],
        values.back(),
        target);
}

template <class Part>
std::vector<double> part_of(const std::vector<HostTimes>& all, Part part) {
    std::vector<double> result;
    std::transform(all.begin(), all.end(), std::back_inserter(result), part);
    return result;
}

std::optional<FleetOptions> parse_options(const std::vector<std::string_view>& words) {
    FleetOptions options;
    for (std::size_t index = 0; index + 1 < words.size(); index += 2) {
        std::uint32_t* const value = words[index] == "--hosts"    ? &options.hosts
                                     : words[index] == "--rounds" ? &options.rounds
                                                                  : nullptr;
        const std::string_view text = words[index + 1];
        if (value == nullptr || std::from_chars(text.data(), text.data() + text.size(), *value).ptr !=
                                    text.data() + text.size()) {
            return std::nullopt;
        }
    }
    const bool is_complete = words.size() % 2 == 0 && options.hosts > 0 && options.rounds > 0;
    return is_complete ? std::optional(options) : std::nullopt;
}

int run_benchmark(const FleetOptions& options) {
    std::vector<keeper::test::FleetHost> hosts;
    std::size_t drifted = 0;
    std::size_t items = 0;
    for (std::uint32_t number = 0; number < options.hosts; ++number) {
        hosts.push_back(keeper::test::fleet_host(number));
        drifted += hosts.back().drift.empty() ? 0 : 1;
        items += hosts.back().drift.size();
    }
    std::vector<HostTimes> all;
    const auto start = std::chrono::steady_clock::now();
    for (std::uint32_t round = 0; round < options.rounds; ++round) {
        for (const keeper::test::FleetHost& host : hosts) {
            const auto times = measure_host(host);
            if (!times) {
                return EXIT_FAILURE;
            }
            all.push_back(*times);
        }
    }
    const double wall = Milliseconds(std::chrono::steady_clock::now() - start).count();
    const auto totals = part_of(all, [](const HostTimes& one) { return one.total(); });
    const auto yaml = part_of(all, [](const HostTimes& one) { return one.yaml; });
    const double total = std::accumulate(totals.begin(), totals.end(), 0.0);
    const double in_yaml = std::accumulate(yaml.begin(), yaml.end(), 0.0);
    fmt::print(
        "{} hosts, {} with drift in {} items: {:.0f} ms CPU a round, of which reading YAML is {:.0f} %. "
        "{:.0f} ms of wall-clock time, with reading the YAML once more.\n\n"
        "| CPU time per host | mean | median | 99 % | slowest | target |\n|---|---|---|---|---|---|\n",
        options.hosts,
        drifted,
        items,
        total / options.rounds,
        100 * in_yaml / total,
        wall / options.rounds);
    print_row("merge, check and diff", totals, "1 ms");
    print_row("merge and check", part_of(all, [](const HostTimes& one) { return one.config; }), "");
    print_row("of that, reading YAML", yaml, "");
    print_row("diff", part_of(all, [](const HostTimes& one) { return one.plan; }), "");
    return EXIT_SUCCESS;
}

} // namespace

int main(int argc, char** argv) {
    const auto options = parse_options({argv + 1, argv + argc});
    if (!options) {
        std::fprintf(stderr, "usage: fleet-configurations [--hosts N] [--rounds N]\n");
        return EXIT_FAILURE;
    }
    return run_benchmark(*options);
}
