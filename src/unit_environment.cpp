// SPDX-License-Identifier: LGPL-2.1-or-later
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/files/files.hpp"
#include "adapters/files/unique_fd.hpp"
#include "adapters/processes/preload_library.hpp"
#include "applications/environment_file.hpp"
#include "applications/program_environment.hpp"
#include "applications/unit_drop_ins.hpp"
#include "applications/unit_failures.hpp"

// Stores the variables of a unit that is about to start. Run by the drop-ins that the generator writes:
//   unit-environment set UNIT      extends the unit's variables and writes them to a file below /run
//   unit-environment set-tcp UNIT  the same for a unit that stays on TCP
//   unit-environment forget UNIT   removes the file, before it is written again and after the unit has
//   stopped
//
// It runs as root with the whole environment of the unit, which the unit's user may control. Therefore it is
// statically linked, so that no loader obeys LD_PRELOAD and similar variables; it reads two variables and
// drops the rest before anything else; and it uses neither locales nor name services nor anything else that
// would read a file named by a variable.

extern "C" char** environ;

namespace {

struct Variables {
    std::string preload;
    std::string go_debug;
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
    Variables taken{value_of("LD_PRELOAD"), value_of("GODEBUG")};
    environ = nullptr;
    return taken;
}

int forget(const std::string& unit) {
    const std::string path = std::string(keeper::unit_environment_folder) + "/" + unit;
    ::unlink(path.c_str()); // no error if it does not exist
    return EXIT_SUCCESS;
}

/// After the unit has stopped. If it ran for a while, it works with MPTCP: a later failure has another cause.
int end(const std::string& unit) {
    const std::string path = std::string(keeper::unit_environment_folder) + "/" + unit;
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0 &&
        ::time(nullptr) - status.st_mtime >= keeper::seconds_that_prove_a_unit) {
        ::unlink((std::string(keeper::turned_units_folder) + "/" + unit).c_str());
    }
    return forget(unit);
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

/// Readable only by root: a unit's environment may contain secrets.
bool write_file(int folder, const std::string& name, std::string_view text) {
    const std::string draft = ".new-" + std::to_string(::getpid()); // a unit's name never begins with a dot
    ::unlinkat(folder, draft.c_str(), 0);
    const keeper::UniqueFd file(::openat(
        folder, draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR));
    const bool is_written =
        file && ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
    if (is_written && ::renameat(folder, draft.c_str(), folder, name.c_str()) == 0) {
        return true;
    }
    ::unlinkat(folder, draft.c_str(), 0);
    return false;
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
    if (!folder || !write_file(folder.get(), unit, keeper::environment_file(variables))) {
        return complain("cannot write " + path + "/" + unit + "; the unit starts " + std::string(otherwise));
    }
    return EXIT_SUCCESS;
}

/// With MPTCP off in the kernel, MPTCP sockets would fail, so the unit starts with its variables unchanged.
int set(const std::string& unit, const Variables& own) {
    forget(unit);
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
    return store(unit, variables, "with plain TCP");
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
        return end(arguments[1]);
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
