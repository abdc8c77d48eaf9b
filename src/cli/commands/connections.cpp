// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/connections_view.hpp"

#include <set>

#include <CLI/CLI.hpp>

#include "cli/commands/registry.hpp"
#include "cli/environment.hpp"
#include "cli/outcome.hpp"

namespace keeper::cli {

namespace {

using std::chrono::milliseconds;

struct ConnectionsArguments {
    bool watch = false;
    std::optional<std::uint16_t> port; ///< of either end of a subflow
};

constexpr milliseconds refresh_interval{1000};

Result<ConnectionsView> read_connections(const ConnectionsArguments& arguments, Environment& env) {
    auto connections = env.ports.connections.connections();
    if (!connections) {
        return propagate(connections);
    }
    if (arguments.port) {
        keep_port(*connections, *arguments.port);
    }
    ConnectionsView view;
    view.connections = std::move(*connections);
    if (view.connections.empty()) {
        return view;
    }
    std::set<std::uint64_t> inodes;
    for (const Connection& connection : view.connections) {
        inodes.insert(connection.inode);
    }
    view.processes = env.processes.processes_of_sockets(inodes);
    // Without the names of the interfaces, the rest is still worth showing.
    view.links = env.ports.links.links().value_or(std::vector<Link>{});
    sort_connections(view, {}, SortKey::address);
    return view;
}

std::optional<SortKey> sort_key_of(char key) {
    switch (key) {
    case 's':
        return SortKey::address;
    case 't':
        return SortKey::rate;
    case 'b':
        return SortKey::bytes;
    case 'r':
        return SortKey::rtt;
    case 'p':
        return SortKey::process;
    default:
        return std::nullopt;
    }
}

/// The connections with their throughput, shown again and again.
class ConnectionsWatch {
  public:
    ConnectionsWatch(
        const ConnectionsArguments& arguments,
        const GlobalOptions& global,
        ScreenPort& screen,
        Environment& env)
        : arguments_(arguments), json_(global.json), screen_(screen), env_(env) {}

    /// Returns when a signal or a key ends it, or when the reader of the output is gone.
    [[nodiscard]] Result<void> run() {
        milliseconds last_read = clock().now();
        for (;;) {
            auto view = read_connections(arguments_, env_);
            if (!view) {
                return propagate(view);
            }
            const milliseconds now = clock().now();
            rates_ = rates_between(view_.connections, view->connections, now - last_read);
            view_ = std::move(*view);
            last_read = now;
            auto continues = show();
            if (continues && *continues) {
                continues = wait_for_refresh();
            }
            if (!continues) {
                return propagate(continues);
            }
            if (!*continues) {
                return {};
            }
        }
    }

  private:
    /// False if the reader is gone.
    [[nodiscard]] Result<bool> show() {
        const Colour colour = env_.console.out_colour();
        if (const auto size = screen_.terminal()) {
            sort_connections(view_, rates_, key_);
            return screen_.show(connections_screen(view_, rates_, key_, size->columns, size->rows, colour));
        }
        env_.console.print(
            json_ ? connections_json_line(view_) : connections_text(view_, rates_, colour) + "\n");
        const auto written = env_.console.finish();
        if (!written) {
            return propagate(written);
        }
        return !env_.console.reader_is_gone();
    }

    /// Handles keys until the next refresh is due. False if the command is to end.
    [[nodiscard]] Result<bool> wait_for_refresh() {
        const milliseconds due = clock().now() + refresh_interval;
        for (;;) {
            const milliseconds left = due - clock().now();
            if (left.count() <= 0) {
                return true;
            }
            const ScreenPort::Input input = screen_.wait(left);
            if (input.stop || input.key == 'q' || input.key == 'Q') {
                return false;
            }
            if (!input.key) {
                continue;
            }
            key_ = sort_key_of(*input.key).value_or(key_);
            if (auto shown = show(); !shown || !*shown) {
                return shown;
            }
        }
    }

    [[nodiscard]] ClockPort& clock() { return env_.ports.clock; }

    const ConnectionsArguments& arguments_;
    bool json_;
    ScreenPort& screen_;
    Environment& env_;
    ConnectionsView view_;
    Rates rates_;
    SortKey key_ = SortKey::rate;
};

ExitCode
watch_connections(const ConnectionsArguments& arguments, const GlobalOptions& global, Environment& env) {
    const auto screen = env.open_screen(global.json ? ScreenUse::scrolling : ScreenUse::whole);
    if (!screen) {
        return give_up(screen.error(), global, env);
    }
    const auto done = ConnectionsWatch(arguments, global, **screen, env).run();
    return done ? ExitCode::done : give_up(done.error(), global, env);
}

ExitCode
show_connections(const ConnectionsArguments& arguments, const GlobalOptions& global, Environment& env) {
    if (!env.processes.has_net_admin()) {
        env.console.warning(
            "without root or CAP_NET_ADMIN the kernel does not report which sockets are subflows");
    }
    if (arguments.watch) {
        return watch_connections(arguments, global, env);
    }
    const auto view = read_connections(arguments, env);
    if (!view) {
        return give_up(view.error(), global, env);
    }
    env.console.print(
        global.json ? connections_json(*view)
                    : connections_text(*view, std::nullopt, env.console.out_colour()));
    return ExitCode::done;
}

} // namespace

Command make_connections(CLI::App& program) {
    const auto arguments = std::make_shared<ConnectionsArguments>();
    Command command(
        program,
        {.name = "connections", .summary = "show live connections and their subflows", .details = R"(
M is the initial subflow of a connection, J one that joined it; ids are
local/remote. The keys of --watch: s, t, b, r and p sort by address, throughput,
bytes, round-trip time and process; q quits. If the output is not a terminal,
--watch repeats the table; with --json, it prints one object per line.

Exit codes: 0 done, 1 failed.

Examples:
  mptcp-keeper connections --port 443
  mptcp-keeper connections --json | jq '.connections[] | select(.fallback)'
)"},
        [arguments](const GlobalOptions& global, Environment& env) {
            return show_connections(*arguments, global, env);
        });
    command.app->add_flag("--watch", arguments->watch, "refresh every second and show the throughput");
    command.app->add_option("--port", arguments->port, "only connections with this local or remote port")
        ->type_name("N")
        ->check(CLI::Range(1, 65535));
    return command;
}

} // namespace keeper::cli
