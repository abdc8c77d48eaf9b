// SPDX-License-Identifier: LGPL-2.1-or-later
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/files/files.hpp"
#include "adapters/files/unique_fd.hpp"
#include "adapters/processes/preload_library.hpp"
#include "applications/declared_units.hpp"
#include "applications/environment_file.hpp"
#include "applications/program_environment.hpp"
#include "applications/turned_record.hpp"
#include "applications/unit_drop_ins.hpp"

// Stores the variables of a unit that is about to start. Run by the drop-ins that the generator writes:
//   unit-environment set UNIT      extends the unit's variables and writes them to a file below /run
//   unit-environment set-tcp UNIT  the same for a unit that stays on TCP
//   unit-environment forget UNIT   removes the file, before it is written again and after the unit has
//   stopped
// The first and the last also update the record of a unit that was turned to MPTCP (turned_record.hpp):
// whether it was started with MPTCP, and whether it has proved to work with it.
//
// It runs as root with the whole environment of the unit, which the unit's user may control. Therefore it is
// statically linked, so that no loader obeys LD_PRELOAD and similar variables; it reads three variables and
// drops the rest before anything else; and it uses neither locales nor name services nor anything else that
// would read a file named by a variable.

extern "C" char** environ;

namespace {

constexpr mode_t readable_by_root = 0600; ///< a unit's environment may contain secrets
constexpr mode_t readable_by_all = 0644;

struct Variables {
    std::string preload;
    std::string go_debug;
    std::string service_result; ///< only in ExecStopPost=
};

int complain(std::string_view message) {
    std::fprintf(stderr, "mptcp-keeper: %.*s\n", static_cast<int>(message.size()), message.data());
    return EXIT_FAILURE;
}

std::string value_of(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
}

Variables take_variables() {
    Variables taken{value_of("LD_PRELOAD"), value_of("GODEBUG"), value_of("SERVICE_RESULT")};
    environ = nullptr;
    return taken;
}

int forget(const std::string& unit) {
    const std::string path = std::string(keeper::unit_environment_folder) + "/" + unit;
    ::unlink(path.c_str()); // no error if it does not exist
    return EXIT_SUCCESS;
}

bool is_mptcp_on() {
    const auto enabled = keeper::read_bounded("/proc/sys/net/mptcp/enabled", 64);
    return enabled && *enabled && (*enabled)->starts_with("1\n");
}

/// Opens the directory if it belongs to root and only root can write to it, like /run/mptcp-keeper.
keeper::UniqueFd open_folder(const std::string& path) {
    keeper::UniqueFd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    struct stat status {};
    const bool is_ours = folder && ::fstat(folder.get(), &status) == 0 && status.st_uid == ::geteuid() &&
                         (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
    return is_ours ? std::move(folder) : keeper::UniqueFd();
}

bool write_file(int folder, const std::string& name, std::string_view text, mode_t mode) {
    const std::string draft = ".new-" + std::to_string(::getpid()); // a unit's name never begins with a dot
    ::unlinkat(folder, draft.c_str(), 0);
    const keeper::UniqueFd file(
        ::openat(folder, draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
    const bool is_written =
        file && ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
    if (is_written && ::renameat(folder, draft.c_str(), folder, name.c_str()) == 0) {
        return true;
    }
    ::unlinkat(folder, draft.c_str(), 0);
    return false;
}

/// Since the boot, including the time that the host was suspended.
std::uint64_t now_us() {
    timespec now{};
    ::clock_gettime(CLOCK_BOOTTIME, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000U +
           static_cast<std::uint64_t>(now.tv_nsec) / 1000U;
}

std::optional<keeper::TurnedUnit> read_record(const std::string& unit) {
    constexpr std::size_t longest = 4096;
    const auto text = keeper::read_bounded(std::string(keeper::turned_units_folder) + "/" + unit, longest);
    return text && *text ? keeper::parse_turned_unit(**text) : std::nullopt;
}

/// Records whether the start that begins is with MPTCP, if the generator has a record of the unit or its
/// template.
void record_start(const std::string& unit, bool with_mptcp) {
    auto record = read_record(unit);
    record = record ? record : read_record(keeper::template_of(unit));
    const keeper::UniqueFd folder = open_folder(std::string(keeper::turned_units_folder));
    if (record && folder) {
        record->mptcp_start_us = with_mptcp ? now_us() : 0;
        static_cast<void>(write_file(folder.get(), unit, keeper::to_text(*record), readable_by_all));
    }
}

/// Before the unit is started, and after it has stopped.
int end(const std::string& unit, const std::string& result) {
    const auto record = read_record(unit);
    if (record && record->mptcp_start_us != 0 &&
        keeper::proves_mptcp(result, std::chrono::microseconds(now_us() - record->mptcp_start_us))) {
        ::unlink((std::string(keeper::turned_units_folder) + "/" + unit).c_str());
    }
    return forget(unit);
}

using Values = std::map<std::string, std::string>;

/// Adds the variable unless systemd would not accept it: then the unit keeps its own value.
void add(Values& variables, const std::string& unit, const char* name, std::string value) {
    if (keeper::is_kept_by_systemd(value)) {
        variables[name] = std::move(value);
    } else {
        complain(
            std::string("cannot extend ") + name + " of " + unit +
            ": its value is too long, or systemd does not accept its characters in a file");
    }
}

int store(const std::string& unit, const Values& variables, std::string_view otherwise) {
    const std::string path(keeper::unit_environment_folder);
    if (const auto made = keeper::make_directories(path); !made) {
        return complain(made.error().message);
    }
    const keeper::UniqueFd folder = open_folder(path);
    if (!folder || !write_file(folder.get(), unit, keeper::environment_file(variables), readable_by_root)) {
        return complain("cannot write " + path + "/" + unit + "; the unit starts " + std::string(otherwise));
    }
    return EXIT_SUCCESS;
}

/// With MPTCP off in the kernel, MPTCP sockets would fail, so the unit starts with its variables unchanged.
int set(const std::string& unit, const Variables& own) {
    forget(unit);
    record_start(unit, false);
    if (!is_mptcp_on()) {
        return complain(unit + " starts with plain TCP: net.mptcp.enabled is not 1");
    }
    Values variables;
    add(variables, unit, "GODEBUG", keeper::with_go_multipath(own.go_debug));
    if (const auto library = keeper::find_preload_library()) {
        add(variables, unit, "LD_PRELOAD", keeper::with_preload(own.preload, *library));
    } else {
        complain("libmptcpwrap is not installed: only Go programs can use MPTCP; install mptcpize or mptcpd");
    }
    const int result = store(unit, variables, "with plain TCP");
    record_start(unit, result == EXIT_SUCCESS && !variables.empty());
    return result;
}

/// Also with MPTCP off in the kernel, since it may be switched on while the unit runs.
int set_tcp(const std::string& unit, const Variables& own) {
    forget(unit);
    Values variables;
    add(variables, unit, "GODEBUG", keeper::with_go_tcp(own.go_debug));
    if (keeper::has_preload(own.preload)) {
        add(variables, unit, "LD_PRELOAD", keeper::without_preload(own.preload));
    }
    return store(unit, variables, "with its own variables");
}

int run(const std::vector<std::string>& arguments, const Variables& variables) {
    const bool names_unit = arguments.size() == 2 && keeper::is_unit_name(arguments[1]);
    if (names_unit && arguments[0] == "set") {
        return set(arguments[1], variables);
    }
    if (names_unit && arguments[0] == "set-tcp") {
        return set_tcp(arguments[1], variables);
    }
    if (names_unit && arguments[0] == "forget") {
        return end(arguments[1], variables.service_result);
    }
    return complain(
        "usage: unit-environment set|set-tcp|forget UNIT (run by the drop-ins of declared units)");
}

} // namespace

int main(int argc, char** argv) {
    const Variables variables = take_variables();
    ::umask(S_IWGRP | S_IWOTH);
    try {
        return run(std::vector<std::string>(argv + 1, argv + argc), variables);
    } catch (const std::exception& error) {
        return complain(std::string("internal error: ") + error.what());
    }
}
