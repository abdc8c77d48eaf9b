#pragma once

/// What --help says below the options, one text a command.
namespace keeper::cli::help {

inline constexpr const char* program =
    "The configuration is /etc/mptcp-keeper/config.yaml and the drop-ins (*.yaml, *.yml) of conf.d in\n"
    "/usr/lib/mptcp-keeper, /run/mptcp-keeper and /etc/mptcp-keeper; --config replaces them by one file.\n"
    "\n"
    "Exit codes: 0 done or in sync, 1 failed, 2 differs, 64 wrong usage, 65 invalid configuration,\n"
    "77 not permitted. `mptcp-keeper COMMAND --help` says more about each command.\n";

inline constexpr const char* check =
    "Needs no privilege, no kernel and no NetworkManager. Every error is told with file, line and column.\n"
    "\n"
    "Exit codes: 0 valid, 65 invalid.\n"
    "\n"
    "Examples:\n"
    "  mptcp-keeper check                        the files of this host\n"
    "  mptcp-keeper check base.yaml site.yaml    these files, the later one overriding the earlier\n"
    "  mptcp-keeper check - < new.yaml           standard input\n"
    "  mptcp-keeper --root /mnt check            an unbooted tree\n";

inline constexpr const char* diff =
    "For each item by which means, which file and line say so, and what it does to live connections.\n"
    "Read-only.\n"
    "\n"
    "Exit codes: 0 in sync, 2 differs, 1 failed, 65 invalid configuration.\n"
    "\n"
    "Examples:\n"
    "  mptcp-keeper diff\n"
    "  mptcp-keeper diff --config new.yaml --json\n";

inline constexpr const char* apply =
    "KIND is sysctl, limits, endpoints, profiles (with the endpoints that NetworkManager makes of them) or\n"
    "applications. What was done is read back and verified; a second apply writes nothing. A running daemon\n"
    "loads the same files before the command returns; with --config it is refused where an enforcing daemon\n"
    "would undo it. Units that run without MPTCP stay as they are until they are restarted, by you or, "
    "after\n"
    "everything else, with --restart-units; their connections close then.\n"
    "\n"
    "Exit codes: 0 done, 1 something failed, 65 invalid configuration, 77 not permitted; with\n"
    "--detailed-exitcodes 2 means done and something was changed; with --dry-run as diff: 0 or 2.\n"
    "\n"
    "Examples:\n"
    "  mptcp-keeper apply --dry-run              what would be done, and to which live connections\n"
    "  mptcp-keeper apply --only sysctl,limits   without asking NetworkManager\n"
    "  mptcp-keeper apply --config new.yaml --atomic\n";

inline constexpr const char* status =
    "Also shows the kernel's MPTCP counters that are not zero, each with its meaning, and the daemon's "
    "latest\n"
    "repairs. --watch refreshes the picture on a terminal and repeats it elsewhere, until it is interrupted\n"
    "or nobody reads any more; with --json one object a line.\n"
    "\n"
    "Exit codes: 0 in sync, 2 something is not as declared, 1 failed, 65 invalid configuration; with "
    "--watch\n"
    "0 once it ends so.\n"
    "\n"
    "Examples:\n"
    "  mptcp-keeper status\n"
    "  mptcp-keeper status --watch --interval 5s\n"
    "  mptcp-keeper status --json | jq '.profiles[] | select(.pending)'\n";

inline constexpr const char* reset =
    "Sysctls, limits and profiles get the values that they had before the keeper first changed them; the\n"
    "keeper's endpoints go. No configuration is needed.\n"
    "\n"
    "Exit codes: 0 done, 1 something failed, 77 not permitted.\n";

inline constexpr const char* exported =
    "What differs from the kernel's and NetworkManager's defaults or is set by some file, as YAML with the\n"
    "place where each value was found. Applied on this host it changes nothing: what apply would change, "
    "what\n"
    "only a file has, and what NetworkManager may have made while it does not run is a comment with the\n"
    "reason. Units whose programs run under mptcpize or with libmptcpwrap preloaded are declared under\n"
    "applications, for which apply has systemd write drop-ins and restarts nothing. The keeper's own\n"
    "configuration may be broken. --root reads the files of an unbooted tree; the commands of --leftovers\n"
    "touch nothing outside of it then.\n"
    "\n"
    "Exit codes: 0 done, 1 failed.\n"
    "\n"
    "Examples:\n"
    "  mptcp-keeper export > host.yaml           for /etc/mptcp-keeper/config.yaml, or a fleet's\n"
    "  mptcp-keeper export --leftovers           what to remove then, and by which commands\n";

inline constexpr const char* run =
    "TCP sockets of the program become MPTCP sockets: libmptcpwrap is preloaded (package mptcpize or "
    "mptcpd), and\n"
    "GODEBUG=multipathtcp=1 is for Go. Programs that are static or setuid are beyond reach.\n"
    "Behind COMMAND everything is the program's; options of the keeper stand before it.\n"
    "\n"
    "Exit codes: 0 or what the program ends with; 126 it cannot be run, 127 there is none, 1 no "
    "libmptcpwrap.\n"
    "\n"
    "Example:\n"
    "  mptcp-keeper run -- iperf3 -c 192.0.2.1\n";

inline constexpr const char* daemon =
    "Started by `systemctl enable --now mptcp-keeper`. SIGHUP reloads the files; a bad set leaves the last\n"
    "good one in force. reconcile.mode says what it does: enforce, report or manual.\n"
    "\n"
    "Exit codes: 0 told to stop, 1 failed, 65 invalid configuration, 77 not permitted.\n";

inline constexpr const char* monitor =
    "The notation is that of `ip mptcp monitor`. In between stand CHANGED, for what the kernel announces to\n"
    "nobody (limits, endpoints, sysctls, profile flags), REPAIRED, for what the daemon put right, and "
    "OVERRUN\n"
    "where events came faster than they were read. --json: one object a line. Needs CAP_NET_ADMIN.\n"
    "\n"
    "Exit codes: 0 interrupted or nobody reads any more, 1 failed, 77 not permitted.\n"
    "\n"
    "Examples:\n"
    "  mptcp-keeper monitor --timestamps\n"
    "  mptcp-keeper monitor --json | jq 'select(.event == \"sf_closed\")'\n";

inline constexpr const char* connections =
    "M is the subflow that began a connection, J one that joined it; ids are local/remote. Keys of --watch:\n"
    "s, t, b, r and p sort by address, rate, bytes, round-trip time and process, q quits. Where the output "
    "is\n"
    "no terminal, --watch prints the table again and again; with --json one object a line.\n"
    "\n"
    "Exit codes: 0 done, 1 failed.\n"
    "\n"
    "Examples:\n"
    "  mptcp-keeper connections --port 443\n"
    "  mptcp-keeper connections --json | jq '.connections[] | select(.fallback)'\n";

inline constexpr const char* config =
    "The text is itself a configuration that says the same. Exit codes: 0, 65 invalid configuration.\n"
    "\n"
    "Examples:\n"
    "  mptcp-keeper config\n"
    "  mptcp-keeper --root /mnt config --json\n";

inline constexpr const char* doctor =
    "Changes nothing. A check that cannot be made here is listed as skipped, with the reason. It works "
    "beside\n"
    "a broken configuration. --probe opens one MPTCP connection, sends one byte (a line feed) and says "
    "whether\n"
    "this host, the path or the peer lost MPTCP; where it is refused, one of plain TCP tells whether that "
    "is\n"
    "refused too. --pid and --unit also tell what the sockets of those programs are and whether "
    "libmptcpwrap\n"
    "can reach them.\n"
    "\n"
    "Exit codes: 0 healthy, 2 a warning or an error was found, 1 failed.\n"
    "\n"
    "Examples:\n"
    "  mptcp-keeper doctor\n"
    "  mptcp-keeper doctor --unit iperf3.service\n"
    "  mptcp-keeper doctor --probe server.example:5201\n"
    "  mptcp-keeper doctor --json | jq -r '.findings[] | [.code, .subject] | @tsv'\n";

inline constexpr const char* schema = "For editors and pipelines (JSON Schema, draft 2020-12).\n"
                                      "\n"
                                      "Example:\n"
                                      "  mptcp-keeper schema > mptcp-keeper.schema.json\n";

} // namespace keeper::cli::help
