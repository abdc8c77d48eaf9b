// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/status_text.hpp"

#include <algorithm>

#include "base/text/join.hpp"
#include "config/config_hash.hpp"
#include "model/desired_state.hpp"
#include "report/plan_text.hpp"

namespace keeper {

namespace {

using Row = std::vector<Cell>;
constexpr std::string_view no_value = "–";
constexpr std::size_t seconds_length = std::string_view("2026-11-20T06:58:35").size();

/// The first cell of a row: drifted, not declared, in sync, or in sync because nothing can be done now. They
/// differ in shape, not only in colour.
Cell mark(bool is_declared, bool in_sync, const std::string& note) {
    if (!in_sync) {
        return {"✗", Tone::bad};
    }
    if (!is_declared) {
        return {"·", Tone::faint};
    }
    return note.empty() ? Cell{"✓", Tone::good} : Cell{"…", Tone::caution};
}

Row header(std::vector<std::string> titles) {
    Row row;
    for (std::string& title : titles) {
        row.push_back({std::move(title), Tone::strong});
    }
    return row;
}

std::string or_dash(const std::string& text) {
    return text.empty() ? std::string(no_value) : printable(text);
}

std::string text_of_item(const std::optional<std::string>& value) {
    return value ? or_dash(*value) : std::string(no_value);
}

std::string text_of_item(const std::optional<std::uint32_t>& value) {
    return value ? std::to_string(*value) : std::string(no_value);
}

std::string text_of_item(const std::optional<MptcpFlags>& value) {
    return value ? to_string(*value) : std::string(no_value);
}

template <class T>
std::string remark_of(const ItemStatus<T>& item) {
    return item.once_declared ? "no longer declared, left at " + text_of_item(item.observed)
                              : printable(item.note);
}

template <class T>
std::string
items_table(const std::string& title, const std::map<std::string, ItemStatus<T>>& items, Colour colour) {
    std::vector<Row> rows{header({"", title, "desired", "observed", "declared at"})};
    for (const auto& [name, item] : items) {
        const Tone tone = item.desired ? Tone::plain : Tone::faint;
        rows.push_back(
            {mark(item.desired.has_value(), item.in_sync, item.note),
             {printable(name), tone},
             {text_of_item(item.desired), tone},
             {text_of_item(item.observed), item.in_sync ? tone : Tone::bad},
             {printable(item.source), Tone::faint},
             {remark_of(item), item.in_sync ? Tone::faint : Tone::caution}});
    }
    return items.empty() ? "" : render_table(rows, colour, "") + "\n";
}

/// The table has room for one line; `mptcp-keeper diff` shows the rest.
std::string first_line(const std::string& note) {
    const std::size_t end = note.find('\n');
    return end == std::string::npos ? printable(note)
                                    : printable(note.substr(0, end)) + " see `mptcp-keeper diff`";
}

std::string remark_of(const EndpointStatus& endpoint) {
    const std::string note = first_line(endpoint.note);
    if (endpoint.present) {
        return note;
    }
    return note.empty() ? "missing" : "missing: " + note;
}

std::string endpoints_table(const std::vector<EndpointStatus>& endpoints, Colour colour) {
    std::vector<Row> rows{header({"", "endpoint", "interface", "flags", "id", "owner", "declared at"})};
    for (const EndpointStatus& endpoint : endpoints) {
        std::string flags = text_of(EndpointValue{"", endpoint.flags, {}});
        rows.push_back(
            {mark(endpoint.desired, endpoint.in_sync, endpoint.note),
             {to_string(endpoint.key)},
             {or_dash(endpoint.interface)},
             {std::move(flags)},
             {endpoint.id.value == 0 ? std::string(no_value) : std::to_string(endpoint.id.value)},
             {std::string(to_string(endpoint.owner))},
             {printable(endpoint.source), Tone::faint},
             {remark_of(endpoint), endpoint.in_sync ? Tone::faint : Tone::caution}});
    }
    return endpoints.empty() ? "" : render_table(rows, colour, "") + "\n";
}

std::string remark_of(const ProfileStatus& profile) {
    if (!profile.pending.empty()) {
        return "to complete the change: " + printable(profile.pending);
    }
    return profile.source.empty() ? "no longer declared, left at " + to_string(profile.stored)
                                  : printable(profile.note);
}

std::string profiles_table(const std::vector<ProfileStatus>& profiles, Colour colour) {
    std::vector<Row> rows{header({"", "profile", "device", "desired", "stored", "live", "declared at"})};
    for (const ProfileStatus& profile : profiles) {
        rows.push_back(
            {mark(profile.desired.has_value(), profile.in_sync, profile.note + profile.pending),
             {printable(profile.name)},
             {or_dash(profile.device)},
             {text_of_item(profile.desired)},
             {to_string(profile.stored)},
             {text_of_item(profile.live)},
             {printable(profile.source), Tone::faint},
             {remark_of(profile), profile.in_sync && profile.pending.empty() ? Tone::faint : Tone::caution}});
    }
    return profiles.empty() ? "" : render_table(rows, colour, "") + "\n";
}

std::string skipped_table(const std::vector<SkippedProfile>& skipped, Colour colour) {
    std::vector<Row> rows{header({"", "skipped", "reason"})};
    for (const SkippedProfile& profile : skipped) {
        rows.push_back({mark(false, true, ""), {printable(profile.name)}, {printable(profile.reason)}});
    }
    return skipped.empty() ? "" : render_table(rows, colour, "") + "\n";
}

template <class Items>
std::size_t drifted(const Items& items) {
    return static_cast<std::size_t>(
        std::count_if(items.begin(), items.end(), [](const auto& item) { return !item.in_sync; }));
}

template <class T>
std::size_t drifted(const std::map<std::string, ItemStatus<T>>& items) {
    return static_cast<std::size_t>(
        std::count_if(items.begin(), items.end(), [](const auto& item) { return !item.second.in_sync; }));
}

std::string headline(const Status& status, Colour colour) {
    if (status.in_sync) {
        return paint(colour, Tone::good, "✓ in sync") + "\n";
    }
    const std::size_t number = drifted(status.sysctls) + drifted(status.limits) + drifted(status.endpoints) +
                               drifted(status.profiles) + (status.program_hook.in_sync ? 0 : 1);
    const std::string drift =
        number == 0 ? "the host differs from the configuration"
                    : count_of(number, "item differs", "items differ") + " from the configuration";
    return paint(colour, Tone::bad, "✗ " + drift) + "; `mptcp-keeper diff` shows what apply would do\n";
}

std::string units_table(const std::vector<UnitStatus>& units, Colour colour) {
    std::vector<Row> rows{header({"", "unit", "state", "declared at"})};
    for (const UnitStatus& unit : units) {
        const bool is_in_effect = unit.state == UnitState::in_effect;
        rows.push_back(
            {is_in_effect ? Cell{"✓", Tone::good} : Cell{"…", Tone::caution},
             {printable(unit.unit)},
             {std::string(to_string(unit.state)) +
                  (unit.protocol == UnitProtocol::tcp ? " (stays on TCP)" : ""),
              is_in_effect ? Tone::plain : Tone::caution},
             {printable(unit.source), Tone::faint},
             {printable(unit.reason), Tone::caution}});
    }
    return units.empty() ? "" : render_table(rows, colour, "") + "\n";
}

/// Empty if no program hook is declared or attached.
std::string program_hook_table(const ProgramHookStatus& hook, Colour colour) {
    if (hook.scope.empty() && hook.state == ProgramHookState::detached) {
        return "";
    }
    const std::string excluded =
        count_of(hook.excluded.size(), "unit or glob is excluded", "units and globs are excluded");
    std::vector<Row> rows{header({"", "program hook", "state"})};
    rows.push_back(
        {mark(true, hook.in_sync, hook.reason),
         {printable(joined(hook.scope, ", "))},
         {std::string(to_string(hook.state))},
         {hook.reason.empty() ? excluded : printable(hook.reason),
          hook.reason.empty() ? Tone::faint : Tone::caution}});
    return render_table(rows, colour, "") + "\n";
}

std::string counters_table(const MptcpCounters& counters, Colour colour) {
    std::vector<Row> rows{header({"", "counter", "value", "meaning"})};
    for (const auto& [name, value] : counters) {
        rows.push_back(
            {{""}, {printable(name)}, {std::to_string(value)}, {std::string(meaning_of_counter(name))}});
    }
    return counters.empty() ? "" : render_table(rows, colour, "") + "\n";
}

std::string daemon_summary(const DaemonStatus& daemon) {
    std::string text = daemon.running ? "running" : "not running";
    if (!daemon.running && daemon.invalid_on_disk) {
        return text;
    }
    text += ", mode " + std::string(to_string(daemon.mode));
    if (!daemon.running) {
        return text;
    }
    text += ", " + daemon.phase + ", " + count_of(daemon.repairs, "repair", "repairs");
    if (daemon.invalid_on_disk) {
        text += "; the files on disk are invalid";
    } else if (!daemon.tried.pending && !daemon.tried.file.empty()) {
        text += "; enforces " + printable(daemon.tried.file) + ", which was tried and confirmed but is not " +
                "installed";
    } else if (!daemon.loaded && !daemon.tried.pending) {
        text += "; changed on disk, not loaded: run `systemctl reload mptcp-keeper` to load it";
    }
    if (!daemon.load_error.empty()) {
        text += "; cannot be loaded: " + printable(daemon.load_error);
    }
    return text;
}

std::string conflicts_table(const DaemonStatus& daemon, Colour colour) {
    std::vector<std::vector<Cell>> rows;
    for (const DaemonRecord::Conflict& conflict : daemon.conflicts) {
        const auto left = std::chrono::ceil<std::chrono::seconds>(conflict.retry_at - daemon.now).count();
        rows.push_back(
            {{"✗", Tone::bad},
             {printable(conflict.key)},
             {"changed back by " + printable(conflict.rival) + ", repaired " +
              count_of(conflict.repairs, "time", "times") + ", next repair in " +
              std::to_string(std::max<long long>(left, 0)) + " s"}});
    }
    for (const std::string& rival : daemon.rivals) {
        rows.push_back({{"✗", Tone::caution}, {"on disk"}, {printable(rival)}});
    }
    if (rows.empty()) {
        return "";
    }
    rows.insert(rows.begin(), {{""}, {"conflict", Tone::strong}, {"with", Tone::strong}});
    return render_table(rows, colour, "") + "\n";
}

/// The last repairs, the latest first.
std::string repairs_table(const DaemonStatus& daemon, Colour colour) {
    constexpr std::size_t max_shown = 5;
    std::vector<Row> rows{header({"", "repaired", "at", "found", "restored", "declared at"})};
    for (auto repair = daemon.history.rbegin(); repair != daemon.history.rend() && rows.size() <= max_shown;
         ++repair) {
        rows.push_back(
            {{""},
             {std::string(to_string(repair->resource)) + " " +
              printable(repair->name.empty() ? repair->key : repair->name)},
             {repair->time ? local_text(*repair->time).substr(0, seconds_length) : std::string(no_value)},
             {text_of(repair->before)},
             {text_of(repair->after)},
             {printable(repair->source), Tone::faint}});
    }
    return rows.size() == 1 ? "" : render_table(rows, colour, "") + "\n";
}

/// No row if no try is pending.
std::vector<std::vector<Cell>> try_rows(const TryStatus& tried) {
    if (!tried.pending) {
        return {};
    }
    const std::string time = tried.deadline ? local_seconds_text(*tried.deadline) : "";
    return {
        {{"try", Tone::strong},
         {"pending until " + time + ": " +
              (tried.file.empty() ? "the files on disk" : printable(tried.file)) +
              "; `mptcp-keeper confirm` keeps it, `mptcp-keeper revert` takes it back",
          Tone::caution}}};
}

/// The hash of the files on disk, and that of the daemon if it differs.
std::string configuration_summary(const Status& status) {
    const std::string& loaded = status.daemon.config_hash;
    const std::vector<std::string>& files = status.config.files;
    std::string text = short_hash(status.config.hash) + " from " +
                       (files.size() == 1 ? files.front() : count_of(files.size(), "file", "files"));
    if (!loaded.empty() && loaded != status.config.hash) {
        text += "; the daemon has loaded " + short_hash(loaded);
    }
    return printable(text);
}

std::string overview_table(const Status& status, Colour colour) {
    const std::string reason =
        status.network_manager_error.empty() ? "not running" : status.network_manager_error;
    const std::string manager = printable(status.network_manager_version.value_or(reason));
    const ConnectionCounts& live = status.connections;
    const std::string connections = std::to_string(live.mptcp) + " MPTCP with " +
                                    count_of(live.subflows, "subflow", "subflows") + ", " +
                                    std::to_string(live.fallback) + " fell back to TCP";
    const std::string mptcp = status.mptcp_supported ? ", with MPTCP" : ", WITHOUT MPTCP support";
    std::vector<std::vector<Cell>> rows{
        {{"kernel", Tone::strong}, {printable(status.kernel_release) + mptcp}},
        {{"NetworkManager", Tone::strong}, {manager}},
        {{"connections", Tone::strong}, {connections}},
        {{"configuration", Tone::strong}, {configuration_summary(status)}},
        {{"daemon", Tone::strong}, {daemon_summary(status.daemon)}}};
    for (std::vector<Cell>& row : try_rows(status.daemon.tried)) {
        rows.push_back(std::move(row));
    }
    return render_table(rows, colour, "");
}

} // namespace

std::string status_text(const Status& status, Colour colour) {
    std::string text =
        headline(status, colour) + "\n" + overview_table(status, colour) + "\n" +
        items_table("sysctl", status.sysctls, colour) + items_table("limit", status.limits, colour) +
        endpoints_table(status.endpoints, colour) + profiles_table(status.profiles, colour) +
        skipped_table(status.skipped, colour) + units_table(status.units, colour) +
        program_hook_table(status.program_hook, colour) + counters_table(status.counters, colour) +
        repairs_table(status.daemon, colour) + conflicts_table(status.daemon, colour);
    text.pop_back(); // the empty line after the last section
    return text;
}

std::string daemon_text(const DaemonStatus& daemon, Colour colour) {
    std::vector<std::vector<Cell>> rows{{{"daemon", Tone::strong}, {daemon_summary(daemon)}}};
    for (std::vector<Cell>& row : try_rows(daemon.tried)) {
        rows.push_back(std::move(row));
    }
    std::string text = render_table(rows, colour, "") + "\n" + repairs_table(daemon, colour) +
                       conflicts_table(daemon, colour);
    text.pop_back(); // the empty line after the last section
    return text;
}

} // namespace keeper
