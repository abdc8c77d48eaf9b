// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/files/files.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/files/unique_fd.hpp"

namespace keeper {

namespace {

tl::unexpected<Error> fail_with_errno(std::string_view what) {
    return fail(system_error(what, errno));
}

Result<void> sync_directory(const std::string& path) {
    const UniqueFd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory || ::fsync(directory.get()) != 0) {
        return fail_with_errno("cannot write the directory " + path + " to disk");
    }
    return {};
}

/// A new file in the place of one that a killed process left, or that another user of the directory planted.
UniqueFd create_file(const std::string& path, mode_t mode) {
    ::unlink(path.c_str());
    return UniqueFd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
}

Result<void> fill(const std::string& path, std::string_view text) {
    const UniqueFd file = create_file(path, S_IRUSR | S_IWUSR);
    if (!file) {
        return fail_with_errno("cannot create " + path);
    }
    if (const int error = write_all(file.get(), text); error != 0) {
        return fail(system_error("cannot write " + path, error));
    }
    // fchmod instead of open's mode, which the umask restricts: status reads this as any user.
    if (::fchmod(file.get(), 0644) != 0 || ::fsync(file.get()) != 0) {
        return fail_with_errno("cannot write " + path + " to disk");
    }
    return {};
}

Result<std::optional<std::string>> read_opened(const std::string& path, std::size_t limit, int flags) {
    // O_NONBLOCK: a FIFO in the file's place must not hang the program.
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | flags));
    if (!file) {
        if (errno == ENOENT) {
            return std::nullopt;
        }
        return fail_with_errno("cannot open " + path);
    }
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) {
        return fail_with_errno("cannot get the status of " + path);
    }
    if (!S_ISREG(status.st_mode)) {
        return fail("cannot read " + path + ": it is not a regular file");
    }
    std::string text;
    std::array<char, 16384> buffer{};
    while (true) {
        const ssize_t length = ::read(file.get(), buffer.data(), buffer.size());
        if (length < 0 && errno == EINTR) {
            continue;
        }
        if (length < 0) {
            return fail_with_errno("cannot read " + path);
        }
        if (length == 0) {
            return text;
        }
        text.append(buffer.data(), static_cast<std::size_t>(length));
        if (text.size() > limit) {
            return fail("cannot read " + path + ": it is larger than " + std::to_string(limit) + " bytes");
        }
    }
}

/// 0, or errno. The umask restricts mkdir's mode, so it is set again.
int make_directory(const std::string& path) {
    return ::mkdir(path.c_str(), 0755) == 0 && ::chmod(path.c_str(), 0755) == 0 ? 0 : errno;
}

} // namespace

Error system_error(std::string_view what, int error_number) {
    const bool is_forbidden = error_number == EPERM || error_number == EACCES || error_number == EROFS;
    return {
        is_forbidden ? ErrorKind::not_permitted : ErrorKind::failed,
        std::string(what) + ": " + std::generic_category().message(error_number)};
}

Result<std::optional<std::string>> read_bounded(const std::string& path, std::size_t limit) {
    return read_opened(path, limit, 0);
}

Result<std::optional<std::string>> read_own_file(const std::string& path, std::size_t limit) {
    return read_opened(path, limit, O_NOFOLLOW);
}

Result<void> make_directories(const std::string& path) {
    int error = make_directory(path);
    if (error == ENOENT) {
        if (auto above = make_directories(directory_of(path)); !above) {
            return above;
        }
        error = make_directory(path);
    }
    if (error != 0 && error != EEXIST) {
        return fail(system_error("cannot create the directory " + path, error));
    }
    return {};
}

Result<void> replace_file(const std::string& path, std::string_view text) {
    const std::string temporary = path + ".new";
    if (auto filled = fill(temporary, text); !filled) {
        ::unlink(temporary.c_str());
        return filled;
    }
    if (::rename(temporary.c_str(), path.c_str()) != 0) {
        const auto failure = fail_with_errno("cannot rename " + temporary + " to " + path);
        ::unlink(temporary.c_str());
        return failure;
    }
    return sync_directory(directory_of(path));
}

Result<void> replace_run_file(const std::string& path, std::string_view text, mode_t mode) {
    const std::string draft = path + ".new";
    {
        const UniqueFd file = create_file(draft, mode);
        const int error = file ? write_all(file.get(), text) : errno;
        if (error != 0) {
            return fail(system_error("cannot write " + draft, error));
        }
    }
    if (::rename(draft.c_str(), path.c_str()) != 0) {
        return fail_with_errno("cannot write " + path);
    }
    return {};
}

int write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno != EINTR) {
            return errno;
        }
        text.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
    }
    return 0;
}

std::string directory_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) {
        return ".";
    }
    return slash == 0 ? "/" : path.substr(0, slash);
}

} // namespace keeper
