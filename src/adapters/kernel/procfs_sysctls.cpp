// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/kernel/procfs_sysctls.hpp"

#include <array>
#include <cerrno>
#include <optional>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>

#include "adapters/files/directory.hpp"
#include "adapters/files/unique_fd.hpp"
#include "model/sysctl_table.hpp"

namespace keeper {

namespace {

std::string errno_text(int error) {
    return std::generic_category().message(error);
}

bool is_sysctl_name(const std::string& name) {
    return !name.empty() &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
}

tl::unexpected<Error> cannot_open_directory(const std::string& directory, int error) {
    if (error == ENOENT || error == ENOTDIR) {
        return fail(
            ErrorKind::unavailable,
            "this kernel has no MPTCP: " + directory +
                " does not exist; MPTCP requires Linux 5.6 or later with CONFIG_MPTCP");
    }
    const ErrorKind kind = error == EACCES || error == EPERM ? ErrorKind::not_permitted : ErrorKind::failed;
    return fail(kind, "cannot open " + directory + ": " + errno_text(error));
}

/// The file's content without the newline; std::nullopt if it cannot be read or is not a regular file.
std::optional<std::string> read_file(int directory, const char* name) {
    const UniqueFd file(openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat status {};
    if (!file || fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
        return std::nullopt;
    }
    std::array<char, 4096> buffer{}; // procfs shows a sysctl within one page
    const ssize_t size = read(file.get(), buffer.data(), buffer.size());
    if (size < 0) {
        return std::nullopt;
    }
    std::string text(buffer.data(), static_cast<std::size_t>(size));
    text.erase(text.find_last_not_of(" \t\n") + 1);
    return text;
}

/// The accepted values, as far as they are known: "; allowed: 0 to 255".
std::string allowed_values(int directory, const std::string& name) {
    const SysctlSpec* spec = find_sysctl(name);
    if (spec == nullptr) {
        return "";
    }
    if (spec->type == SysctlType::name) {
        const auto available = read_file(directory, std::string(spec->choices).c_str());
        return available ? "; available: " + *available : "";
    }
    if (spec->in_jiffies) {
        return "; allowed: 0 to 2147483647 divided by the kernel's HZ (2147483 with HZ=1000, 8589934 with HZ=250)";
    }
    return "; allowed: " + std::to_string(spec->minimum) + " to " + std::to_string(spec->maximum);
}

tl::unexpected<Error>
cannot_write(int directory, const std::string& name, const std::string& value, int error) {
    const std::string what = "cannot set net.mptcp." + name + " to \"" + value + "\": ";
    switch (error) {
    case EACCES:
    case EPERM:
    case EROFS: {
        const SysctlSpec* spec = find_sysctl(name);
        const bool is_read_only = spec != nullptr && spec->read_only;
        return fail(
            ErrorKind::not_permitted,
            what + errno_text(error) +
                (is_read_only ? " (it is read-only)" : " (requires root or CAP_NET_ADMIN)"));
    }
    case ENOENT:
        return fail(what + "the kernel does not know this value" + allowed_values(directory, name));
    case EINVAL:
    case ERANGE:
        return fail(what + "the kernel refuses this value" + allowed_values(directory, name));
    default:
        return fail(what + errno_text(error));
    }
}

} // namespace

ProcfsSysctls::ProcfsSysctls(std::string directory) : directory_(std::move(directory)) {}

Result<std::map<std::string, std::string>> ProcfsSysctls::read_all() {
    DirectoryReader directory(directory_);
    if (!directory) {
        return cannot_open_directory(directory_, directory.error());
    }
    std::map<std::string, std::string> values;
    while (const char* const entry = directory.next()) {
        const std::string name = entry;
        if (is_sysctl_name(name)) {
            errno = 0;
            auto value = read_file(directory.fd(), name.c_str());
            // An omitted name would be mistaken for one that this kernel lacks.
            if (!value && (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == EINTR)) {
                return fail("cannot read " + directory_ + "/" + name + ": " + errno_text(errno));
            }
            if (value) {
                values.emplace(name, std::move(*value));
            }
        }
    }
    if (directory.error() != 0) {
        return fail("cannot read " + directory_ + ": " + errno_text(directory.error()));
    }
    return values;
}

Result<void> ProcfsSysctls::write(const std::string& name, const std::string& value) {
    if (!is_sysctl_name(name)) {
        return fail("cannot set net.mptcp." + name + ": a name may contain only a to z, 0 to 9 and _");
    }
    if (value.empty()) {
        return fail(
            "cannot set net.mptcp." + name + ": the value is empty"); // the kernel would report success
    }
    const UniqueFd directory(open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory) {
        return cannot_open_directory(directory_, errno);
    }
    const UniqueFd file(
        openat(directory.get(), name.c_str(), O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file) {
        if (errno == ENOENT) {
            return fail(ErrorKind::unsupported, "this kernel has no net.mptcp." + name);
        }
        return cannot_write(directory.get(), name, value, errno);
    }
    struct stat status {};
    if (fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
        return fail(
            "cannot set net.mptcp." + name + ": " + directory_ + "/" + name + " is not a regular file");
    }
    // A single write, since the kernel treats each write as a complete value.
    const ssize_t written = ::write(file.get(), value.data(), value.size());
    if (written < 0) {
        return cannot_write(directory.get(), name, value, errno);
    }
    if (static_cast<std::size_t>(written) != value.size()) {
        return fail(
            "cannot set net.mptcp." + name + " to \"" + value + "\": the kernel accepted only a part of it");
    }
    return {};
}

} // namespace keeper
