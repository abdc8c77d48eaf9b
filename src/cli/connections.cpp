#include "report/connections_view.hpp"

#include <set>

#include "cli/commands.hpp"
#include "cli/common.hpp"

namespace keeper::cli {

namespace {

constexpr std::chrono::milliseconds refresh{1000};

Result<ConnectionsView> look(const ConnectionsOptions& options, Environment& env) {
    auto connections = env.live.connections.connections();
    if (!connections) {
        return tl::unexpected<Error>(connections.error());
    }
    if (options.port) {
        keep_port(*connections, *options.port);
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
    view.processes = env.live.processes_of_sockets(inodes);
    // Without the interfaces' names there is still all the rest to show.
    view.links = env.live.links.links().value_or(std::vector<Link>{});
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

/// What is on the screen, and how fast it goes.
struct Frame {
    ConnectionsView view;
    Rates rates;
    SortKey key = SortKey::rate;
};

/// True: shown. False: nobody reads any more.
Result<bool> show(Frame& frame, bool json, ScreenPort& screen, Environment& env) {
    const Colour colour = env.console.out_colour();
    if (const auto size = screen.terminal()) {
        sort_connections(frame.view, frame.rates, frame.key);
        return screen.show(
            connections_screen(frame.view, frame.rates, frame.key, size->columns, size->rows, colour));
    }
    env.console.print(
        json ? connections_json_line(frame.view) : connections_text(frame.view, frame.rates, colour) + "\n");
    const auto written = env.console.finish();
    if (!written) {
        return tl::unexpected<Error>(written.error());
    }
    return !env.console.nobody_reads();
}

/// Waits for the next look and heeds the keys meanwhile. False: the end.
Result<bool> wait_for_next(Frame& frame, bool json, ScreenPort& screen, Environment& env) {
    const auto next = std::chrono::steady_clock::now() + refresh;
    for (;;) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(next - std::chrono::steady_clock::now());
        if (left.count() <= 0) {
            return true;
        }
        const ScreenPort::Input input = screen.wait(left);
        if (input.stop || input.key == 'q' || input.key == 'Q') {
            return false;
        }
        if (!input.key) {
            continue;
        }
        frame.key = sort_key_of(*input.key).value_or(frame.key);
        if (auto shown = show(frame, json, screen, env); !shown || !*shown) {
            return shown;
        }
    }
}

Result<void> watch(const ConnectionsOptions& options, bool json, Environment& env) {
    const auto screen = env.live.open_screen(json ? ScreenUse::as_it_comes : ScreenUse::whole);
    if (!screen) {
        return tl::unexpected<Error>(screen.error());
    }
    Frame frame;
    auto before = std::chrono::steady_clock::now();
    for (;;) {
        auto view = look(options, env);
        if (!view) {
            return tl::unexpected<Error>(view.error());
        }
        const auto now = std::chrono::steady_clock::now();
        frame.rates = rates_between(
            frame.view.connections,
            view->connections,
            std::chrono::duration_cast<std::chrono::milliseconds>(now - before));
        frame.view = std::move(*view);
        before = now;
        auto goes_on = show(frame, json, **screen, env);
        if (goes_on && *goes_on) {
            goes_on = wait_for_next(frame, json, **screen, env);
        }
        if (!goes_on) {
            return tl::unexpected<Error>(goes_on.error());
        }
        if (!*goes_on) {
            return {};
        }
    }
}

} // namespace

ExitCode run(const ConnectionsOptions& options, const GlobalOptions& global, Environment& env) {
    if (!env.may_change_network()) {
        env.console.warning(
            "without CAP_NET_ADMIN the kernel does not say which sockets are subflows; run it as root");
    }
    if (options.watch) {
        const auto done = watch(options, global.json, env);
        return done ? ExitCode::done : give_up(done.error(), global, env);
    }
    const auto view = look(options, env);
    if (!view) {
        return give_up(view.error(), global, env);
    }
    env.console.print(
        global.json ? connections_json(*view)
                    : connections_text(*view, std::nullopt, env.console.out_colour()));
    return ExitCode::done;
}

} // namespace keeper::cli
