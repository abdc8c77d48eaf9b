// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/processes/locate_program.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "adapters/files/unique_fd.hpp"
#include "adapters/processes/executable.hpp"
#include "applications/shebang.hpp"

namespace keeper {

namespace {

/// 0 if this process may execute the file, or the error that execve(2) would return.
int execution_error(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        return errno;
    }
    if (!S_ISREG(status.st_mode)) {
        return EACCES;
    }
    return ::faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) == 0 ? 0 : errno;
}

/// The folders in which execvp(3) searches, separated by colons.
std::string search_path() {
    if (const char* const path = std::getenv("PATH")) {
        return path;
    }
    std::array<char, 256> usual{};
    ::confstr(_CS_PATH, usual.data(), usual.size());
    return usual.data();
}

/// The first file of that name that may be executed. As execvp(3), it prefers to report a file that may not
/// be executed to one that does not exist.
Result<std::string> find_in_path(const std::string& name) {
    if (name.empty()) {
        return fail(cannot_run(name, ENOENT));
    }
    const std::string folders = search_path();
    int error = ENOENT;
    for (std::size_t start = 0; start <= folders.size();) {
        const std::size_t end = std::min(folders.find(':', start), folders.size());
        const std::string folder = folders.substr(start, end - start);
        // An empty entry is the current folder.
        const std::string path = (folder.empty() ? "." : folder) + "/" + name;
        const int refused = execution_error(path);
        if (refused == 0) {
            return path;
        }
        error = refused == EACCES ? EACCES : error;
        start = end + 1;
    }
    return fail(cannot_run(name, error));
}

/// Whether this user gains privileges by executing the file, so that AT_SECURE is set (security/commoncap.c).
bool gains_privileges(const std::string& path) {
    struct stat status {};
    struct statvfs mount {};
    if (::stat(path.c_str(), &status) != 0 ||
        (::statvfs(path.c_str(), &mount) == 0 && (mount.f_flag & ST_NOSUID) != 0)) {
        return false;
    }
    if (::getuid() != 0 && ::getxattr(path.c_str(), "security.capability", nullptr, 0) > 0) {
        return true;
    }
    if (::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1) {
        return false;
    }
    // Setgid without the group's right to execute marks mandatory locking.
    const bool is_setgid = (status.st_mode & S_ISGID) != 0 && (status.st_mode & S_IXGRP) != 0;
    return ((status.st_mode & S_ISUID) != 0 && status.st_uid != ::getuid()) ||
           (is_setgid && status.st_gid != ::getgid());
}

/// The interpreter of the file if it is a script; empty for any other.
std::string interpreter_of(const std::string& path) {
    std::array<char, shebang_size> start{};
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    const ssize_t size = fd ? ::pread(fd.get(), start.data(), start.size(), 0) : 0;
    if (size <= 0) {
        return "";
    }
    return std::string(interpreter_of_script({start.data(), static_cast<std::size_t>(size)}).value_or(""));
}

} // namespace

Error cannot_run(const std::string& name, int error_number) {
    return {
        error_number == ENOENT || error_number == ENOTDIR ? ErrorKind::unavailable : ErrorKind::failed,
        "cannot run " + name + ": " + std::generic_category().message(error_number)};
}

Result<FoundProgram> locate_program(const std::string& name) {
    FoundProgram found;
    if (name.find('/') != std::string::npos) {
        found.path = name;
        if (const int error = execution_error(name); error != 0) {
            return fail(cannot_run(name, error));
        }
    } else if (const auto path = find_in_path(name)) {
        found.path = *path;
    } else {
        return propagate(path);
    }
    std::string file = found.path;
    for (int i = 0; i < most_interpreters; ++i) {
        const std::string interpreter = interpreter_of(file);
        if (interpreter.empty()) {
            break;
        }
        file = found.interpreter = interpreter;
    }
    found.executable = inspect_executable(file);
    found.gains_privileges = gains_privileges(file);
    return found;
}

} // namespace keeper
