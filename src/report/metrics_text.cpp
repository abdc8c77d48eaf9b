// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/metrics_text.hpp"

#include <vector>

#include <fmt/format.h>

#include "base/text/printable.hpp"
#include "config/config_hash.hpp"
#include "report/json.hpp"

namespace keeper {

namespace {

using Labels = std::vector<std::pair<std::string, std::string>>;

struct MetricSample {
    Labels labels;
    std::string value;
};

/// A metric with one sample for each combination of labels.
struct MetricFamily {
    std::string name; ///< without the prefix
    std::string type;
    std::string help; ///< without backslashes and line feeds, which would have to be escaped
    std::vector<MetricSample> samples;
};
using MetricFamilies = std::vector<MetricFamily>;

constexpr std::string_view metric_prefix = "mptcp_keeper_";
/// The kernel's only counter that is not one: the number of established connections.
constexpr std::string_view established_now = "MPCurrEstab";

std::string number(bool value) {
    return value ? "1" : "0";
}

/// With milliseconds.
std::string number(WallTime time) {
    const auto since_epoch =
        std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
    return fmt::format("{}.{:03}", since_epoch / 1000, since_epoch % 1000);
}

template <class T>
std::string number(T value) {
    return std::to_string(value);
}

template <class T>
void add_value(MetricFamilies& families, std::string name, std::string help, const std::optional<T>& value) {
    if (value) {
        families.push_back({std::move(name), "gauge", std::move(help), {{{}, number(*value)}}});
    }
}

template <class T>
T count_at(const std::map<Resource, T>& counts, Resource resource) {
    const auto found = counts.find(resource);
    return found == counts.end() ? T{0} : found->second;
}

void add_configuration(MetricFamilies& families, const HostMetrics& metrics) {
    families.push_back(
        {"build_info", "gauge", "The version of mptcp-keeper.", {{{{"version", metrics.version}}, "1"}}});
    if (!metrics.config_hash.empty()) {
        const Labels labels{{"hash", metrics.config_hash}, {"version", std::to_string(config_version)}};
        families.push_back(
            {"config_info",
             "gauge",
             "The hash of the merged configuration that is in force, and the version of its format.",
             {{labels, "1"}}});
    }
    add_value(
        families,
        "config_loaded",
        "Whether the files on disk are those that the daemon has loaded.",
        std::optional(metrics.config_loaded));
    add_value(
        families,
        "config_valid",
        "Whether the last load succeeded; if not, an earlier configuration is in force.",
        std::optional(metrics.config_valid));
}

void add_drift(MetricFamilies& families, const HostMetrics& metrics) {
    add_value(families, "in_sync", "Whether nothing differs from the configuration.", metrics.in_sync);
    MetricFamily repairs{"repairs_total", "counter", "Repairs of drift since the daemon started.", {}};
    MetricFamily conflicts{
        "conflicts", "gauge", "Items whose repair is paused because they keep being changed.", {}};
    MetricFamily war{"war", "gauge", "Whether the repair of an item of this resource is paused.", {}};
    for (const Resource resource : all_resources) {
        const Labels labels{{"resource", std::string(to_string(resource))}};
        const std::size_t paused = count_at(metrics.conflicts, resource);
        conflicts.samples.push_back({labels, number(paused)});
        war.samples.push_back({labels, number(paused > 0)});
        if (metrics.repairs) {
            repairs.samples.push_back({labels, number(count_at(*metrics.repairs, resource))});
        }
    }
    families.insert(families.end(), {std::move(repairs), std::move(conflicts), std::move(war)});
}

void add_times(MetricFamilies& families, const HostMetrics& metrics) {
    if (metrics.last_apply) {
        add_value(
            families,
            "last_apply_timestamp_seconds",
            "When the daemon last applied or verified the configuration.",
            std::optional(metrics.last_apply->time));
        add_value(
            families,
            "last_apply_success",
            "Whether everything could be applied and verified then.",
            std::optional(metrics.last_apply->success));
    }
    add_value(
        families,
        "last_check_timestamp_seconds",
        "When the host was last compared with the configuration.",
        metrics.last_check);
}

void add_path_manager(MetricFamilies& families, const HostMetrics& metrics) {
    if (const auto& limits = metrics.limits) {
        families.push_back(
            {"limit",
             "gauge",
             "The limits of the kernel's path manager.",
             {{{{"name", "subflows"}}, number(limits->subflows)},
              {{{"name", "add_addr_accepted"}}, number(limits->add_addr_accepted)}}});
    }
    if (metrics.endpoints) {
        MetricFamily endpoints{
            "endpoints", "gauge", "Endpoints of the kernel's path manager that have the flag.", {}};
        for (const auto& [kind, count] : *metrics.endpoints) {
            const EndpointFlags flag{kind.second};
            endpoints.samples.push_back(
                {{{"owner", std::string(to_string(kind.first))}, {"flag", names(flag).front()}},
                 number(count)});
        }
        families.push_back(std::move(endpoints));
    }
}

/// Also 0 for the states that a subflow usually has, so that the series exist.
MetricFamily subflow_family(const LiveCounts& live) {
    using enum SocketState;
    std::map<SocketState, std::size_t> counts = live.subflows;
    for (const SocketState state :
         {established, syn_sent, syn_recv, fin_wait_1, fin_wait_2, close_wait, last_ack, closing}) {
        counts.try_emplace(state, 0);
    }
    MetricFamily family{
        "subflows", "gauge", "Subflows of live MPTCP connections, by the state of their socket.", {}};
    for (const auto& [state, count] : counts) {
        family.samples.push_back({{{"state", to_string(state)}}, number(count)});
    }
    return family;
}

void add_live(MetricFamilies& families, const HostMetrics& metrics) {
    if (const auto& live = metrics.live) {
        add_value(
            families,
            "connections",
            "Live MPTCP connections, without those that fell back to TCP.",
            std::optional(live->connections));
        families.push_back(subflow_family(*live));
        add_value(
            families,
            "fallbacks",
            "Live connections of MPTCP sockets that fell back to TCP.",
            std::optional(live->fallbacks));
    }
    add_value(
        families,
        "try_pending",
        "Whether a try of a configuration waits for its confirmation.",
        std::optional(metrics.try_pending));
}

void add_counters(MetricFamilies& families, const HostMetrics& metrics) {
    if (!metrics.counters) {
        return;
    }
    MetricFamily counters{"mptcpext_total", "counter", "The kernel's MPTcpExt counters.", {}};
    for (const auto& [name, value] : *metrics.counters) {
        if (name == established_now) {
            add_value(
                families,
                "mptcpext_current_established",
                "The kernel's MPCurrEstab: established MPTCP connections.",
                std::optional(value));
        } else {
            counters.samples.push_back({{{"counter", name}}, number(value)});
        }
    }
    families.push_back(std::move(counters));
}

MetricFamilies families_of(const HostMetrics& metrics) {
    MetricFamilies families;
    add_configuration(families, metrics);
    add_drift(families, metrics);
    add_times(families, metrics);
    add_path_manager(families, metrics);
    add_live(families, metrics);
    add_counters(families, metrics);
    std::erase_if(families, [](const MetricFamily& family) { return family.samples.empty(); });
    return families;
}

} // namespace

std::string label_value(std::string_view value) {
    std::string escaped = "\"";
    for (const char letter : printable_document(value)) {
        if (letter == '\n') {
            escaped += "\\n";
            continue;
        }
        if (letter == '\\' || letter == '"') {
            escaped += '\\';
        }
        escaped += letter;
    }
    return escaped + "\"";
}

std::string metrics_text(const HostMetrics& metrics) {
    std::string text;
    for (const MetricFamily& family : families_of(metrics)) {
        const std::string name = std::string(metric_prefix) + family.name;
        text += "# HELP " + name + " " + family.help + "\n# TYPE " + name + " " + family.type + "\n";
        for (const MetricSample& sample : family.samples) {
            std::string labels;
            for (const auto& [label, value] : sample.labels) {
                labels += (labels.empty() ? "{" : ",") + label + "=" + label_value(value);
            }
            text += name + labels + (labels.empty() ? " " : "} ") + sample.value + "\n";
        }
    }
    return text;
}

std::string metrics_json(const HostMetrics& metrics) {
    Json list = Json::array();
    for (const MetricFamily& family : families_of(metrics)) {
        Json samples = Json::array();
        for (const MetricSample& sample : family.samples) {
            Json labels = Json::object();
            for (const auto& [label, value] : sample.labels) {
                labels[label] = value;
            }
            samples.push_back({{"labels", std::move(labels)}, {"value", Json::parse(sample.value)}});
        }
        list.push_back(
            {{"name", std::string(metric_prefix) + family.name},
             {"type", family.type},
             {"help", family.help},
             {"samples", std::move(samples)}});
    }
    return to_document({{"metrics", std::move(list)}});
}

} // namespace keeper
