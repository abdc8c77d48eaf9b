// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/files/metrics_file.hpp"

#include <cerrno>
#include <optional>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/files/files.hpp"
#include "adapters/files/unique_fd.hpp"
#include "base/text/path_name.hpp"
#include "base/text/shell_word.hpp"

namespace keeper {

namespace {

constexpr const char* own_path = "/run/mptcp-keeper/metrics.prom";
/// As in login.defs(5): accounts of users begin here.
constexpr uid_t first_uid_of_users = 1000;
constexpr mode_t every_user_reads = 0644;

std::string refused(const std::string& path, const std::string& reason) {
    return "metrics.textfile " + path + " is not written: " + reason;
}

Error unsafe(const std::string& path, const std::string& reason) {
    std::string advice = "; set it to a path in a directory that only root can write";
    if (path != own_path) {
        advice = std::string("; set it to ") + own_path +
                 " and let node_exporter read it through a link: `ln -sfn " + own_path + " " +
                 shell_word(path) + "`";
    }
    return {ErrorKind::not_permitted, refused(path, reason) + advice};
}

/// The value of ReadWritePaths=: quotes are for spaces, and % begins a specifier.
std::string unit_path(const std::string& path) {
    std::string quoted = "\"";
    for (const char letter : path) {
        quoted += letter == '%'                     ? "%%"
                  : letter == '"' || letter == '\\' ? std::string("\\") + letter
                                                    : std::string(1, letter);
    }
    return quoted + "\"";
}

/// One command line, since it is read in the journal: creates the drop-in and restarts the service.
Error read_only(const std::string& path) {
    const std::string file = "/etc/systemd/system/mptcp-keeper.service.d/metrics.conf";
    const std::string setting = "ReadWritePaths=" + unit_path(directory_of(path));
    return {
        ErrorKind::not_permitted,
        refused(
            path, "its directory is read-only for mptcp-keeper.service; to permit it, create the drop-in: ") +
            "`mkdir -p " + directory_of(file) + " && printf '%s\\n' '[Service]' " + shell_word(setting) +
            " >" + file + " && systemctl daemon-reload && systemctl restart mptcp-keeper`"};
}

Error failed(const std::string& path, const char* what, int error_number) {
    if (error_number == EROFS) {
        return read_only(path);
    }
    return {
        ErrorKind::failed,
        refused(path, std::string(what) + ": " + std::generic_category().message(error_number))};
}

bool is_own(const struct stat& status) {
    return status.st_uid == 0 || status.st_uid == ::geteuid();
}

/// Why a directory on the way to the file, or the file's own, is not safe.
std::optional<std::string> danger_of(const struct stat& directory, const std::string& name, bool is_last) {
    if ((directory.st_mode & S_IWOTH) != 0) {
        return name + " is writable by all users";
    }
    // The folder of an unprivileged daemon: root gave it to the group that only the daemon has.
    const bool is_of_own_group = is_last && directory.st_uid == 0 && directory.st_gid == ::getegid() &&
                                 directory.st_gid != 0 && (directory.st_mode & S_ISVTX) != 0;
    if ((directory.st_mode & S_IWGRP) != 0 && !is_of_own_group) {
        return name + " is writable by its group";
    }
    if (!is_own(directory) && (is_last || directory.st_uid >= first_uid_of_users)) {
        return name + " is not owned by root (its owner is uid " + std::to_string(directory.st_uid) + ")";
    }
    return std::nullopt;
}

/// Opens the directory of the file, component by component.
Result<UniqueFd> open_directory(const std::string& path) {
    const std::string folder = directory_of(path);
    constexpr int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    UniqueFd directory(::open("/", flags));
    std::optional<dev_t> device; // of a directory whose owner is not trusted: what is below must be on it
    for (std::size_t begin = 1;;) {
        const std::size_t end = std::min(folder.find('/', begin), folder.size());
        const bool is_root = end == begin;
        const std::string name = is_root ? "/" : folder.substr(0, end);
        if (!is_root) {
            directory = UniqueFd(::openat(directory.get(), folder.substr(begin, end - begin).c_str(), flags));
        }
        struct stat status {};
        if (!directory || ::fstat(directory.get(), &status) != 0) {
            if (errno == ENOENT) {
                return fail(ErrorKind::unavailable, refused(path, "there is no directory " + name));
            }
            if (errno == ENOTDIR || errno == ELOOP) {
                return fail(unsafe(path, name + " is a link or not a directory"));
            }
            return fail(failed(path, ("cannot open " + name).c_str(), errno));
        }
        if (const auto danger = danger_of(status, name, end >= folder.size())) {
            return fail(unsafe(path, *danger));
        }
        if (device && *device != status.st_dev) {
            return fail(unsafe(path, name + " is a mount point in a directory that is not owned by root"));
        }
        if (!is_own(status)) {
            device = status.st_dev;
        }
        if (end >= folder.size()) {
            return directory;
        }
        begin = end + 1;
    }
}

/// Why what has the file's name must not be replaced.
std::optional<std::string> obstacle(int directory, const std::string& name) {
    struct stat status {};
    if (::fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
        return std::nullopt;
    }
    if (S_ISLNK(status.st_mode)) {
        return std::nullopt; // the rename replaces the link itself
    }
    if (!S_ISREG(status.st_mode)) {
        return "it exists and is not a regular file";
    }
    return is_own(status)
               ? std::nullopt
               : std::optional("it is a file of another user (uid " + std::to_string(status.st_uid) + ")");
}

Result<void> write_and_rename(int directory, const std::string& path, const std::string& text) {
    const std::string name = base_name(path);
    const std::string draft = "." + name + ".new";
    if (::unlinkat(directory, draft.c_str(), 0) != 0 && errno != ENOENT) { // of a daemon that was killed
        return fail(failed(path, "cannot remove an unfinished file", errno));
    }
    {
        const UniqueFd file(::openat(
            directory,
            draft.c_str(),
            O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
            every_user_reads));
        if (!file) {
            return fail(failed(path, "cannot create a file", errno));
        }
        // fchmod, since the umask restricts the mode at the creation: node_exporter reads it as another user.
        int error = write_all(file.get(), text);
        error = error == 0 && ::fchmod(file.get(), every_user_reads) != 0 ? errno : error;
        if (error != 0) {
            (void)::unlinkat(directory, draft.c_str(), 0);
            return fail(failed(path, "cannot write", error));
        }
    }
    if (::renameat(directory, draft.c_str(), directory, name.c_str()) != 0) {
        const int error = errno;
        (void)::unlinkat(directory, draft.c_str(), 0);
        return fail(failed(path, "cannot rename the finished file", error));
    }
    return {};
}

} // namespace

Result<void> MetricsFile::replace(const std::string& path, const std::string& text) {
    const auto directory = open_directory(path);
    if (!directory) {
        return propagate(directory);
    }
    if (const auto reason = obstacle(directory->get(), base_name(path))) {
        return fail(ErrorKind::failed, refused(path, *reason + "; remove it"));
    }
    return write_and_rename(directory->get(), path, text);
}

Result<void> MetricsFile::remove(const std::string& path) {
    const auto directory = open_directory(path);
    if (!directory) {
        return directory.error().kind == ErrorKind::unavailable ? Result<void>{} : propagate(directory);
    }
    const std::string name = base_name(path);
    struct stat status {};
    if (::fstatat(directory->get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISREG(status.st_mode) || !is_own(status)) {
        return {}; // not what was written
    }
    if (::unlinkat(directory->get(), name.c_str(), 0) != 0 && errno != ENOENT) {
        return fail("cannot remove " + path + ": " + std::generic_category().message(errno));
    }
    return {};
}

} // namespace keeper
