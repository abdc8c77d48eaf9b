// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <linux/magic.h>

#include "adapters/files/directory.hpp"
#include "adapters/files/files.hpp"
#include "adapters/files/unique_fd.hpp"
#include "applications/hook_request.hpp"
#include "base/text/printable.hpp"
#include "hook/attached_hook.hpp"
#include "hook/kernel_symbol.hpp"
#include "hook/rules.hpp"

// The loader of the program hook, run by mptcp-keeper-bpf.service:
//   program-hook attach  attaches the hook of the request in /run, in place of any other one
//   program-hook detach  detaches whatever is attached
// A hook stays attached as long as its link is pinned below /sys/fs/bpf. Every state that a killed loader can
// leave behind is repaired by the next call.

namespace {

using keeper::ErrorKind;
using keeper::fail;
using keeper::Result;
using keeper::UniqueFd;

constexpr const char* bpf_folder = "/sys/fs/bpf";
constexpr const char* pin_folder = "mptcp-keeper";
constexpr const char* lock_file = "/run/mptcp-keeper/program-hook/lock";
// Names of pins have no dots (bpf_lookup() of kernel/bpf/inode.c).
constexpr const char* new_pin = "new-";
constexpr std::size_t largest_request = 1024 * 1024;
/// The kernel refused the hook. The unit counts it as success: a host that cannot have a hook is not
/// degraded.
constexpr int exit_refused = 3;
// The inode numbers of the initial namespaces never change (include/linux/proc_ns.h).
constexpr ino_t initial_cgroup_namespace = 0xEFFFFFFB;
constexpr ino_t initial_pid_namespace = 0xEFFFFFFC;

int complain(const std::string& message) {
    std::fprintf(stderr, "mptcp-keeper: %s\n", keeper::printable_line(message).c_str());
    return EXIT_FAILURE;
}

/// The inode number of a file behind a link; 0 if it cannot be read.
ino_t inode_of(const char* path) {
    struct stat status {};
    return ::stat(path, &status) == 0 ? status.st_ino : 0;
}

std::string path_in(const UniqueFd& folder, const std::string& name) {
    return "/proc/self/fd/" + std::to_string(folder.get()) + "/" + name;
}

/// Opens a folder, without following a link, if only root can change what is in it.
Result<UniqueFd> open_folder(int parent, const std::string& name) {
    UniqueFd folder(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    struct stat status {};
    if (!folder || ::fstat(folder.get(), &status) != 0) {
        return fail(keeper::system_error("cannot open " + name, errno));
    }
    // A BPF file system mounted without options has the mode 1777, like /tmp.
    const bool is_shared = (status.st_mode & (S_IWGRP | S_IWOTH)) != 0 && (status.st_mode & S_ISVTX) == 0;
    if (status.st_uid != 0 || is_shared) {
        return fail("other users than root can write to " + name + "; remove or remount it");
    }
    return folder;
}

/// The folder of the pins, locked until it is closed.
class Pins {
  public:
    /// Creates a missing folder.
    static Result<Pins> open() {
        struct statfs system {};
        if (::statfs(bpf_folder, &system) != 0 || system.f_type != BPF_FS_MAGIC) {
            return fail(
                ErrorKind::unsupported, std::string("no BPF file system is mounted on ") + bpf_folder);
        }
        auto parent = open_folder(AT_FDCWD, bpf_folder);
        if (!parent) {
            return propagate(parent);
        }
        UniqueFd lock = take_lock();
        if (::mkdirat(parent->get(), pin_folder, S_IRWXU) != 0 && errno != EEXIST) {
            return fail(
                keeper::system_error(std::string("cannot create ") + bpf_folder + "/" + pin_folder, errno));
        }
        auto folder = open_folder(parent->get(), pin_folder);
        if (!folder) {
            return propagate(folder);
        }
        return Pins(std::move(lock), std::move(*parent), std::move(*folder));
    }

    /// Replaces all pins. The new link is pinned before the old one is dropped.
    [[nodiscard]] Result<void> replace(const std::vector<std::pair<std::string, int>>& objects) const {
        for (const auto& [name, object] : objects) {
            const std::string draft = new_pin + name;
            ::unlinkat(folder_.get(), draft.c_str(), 0);
            if (::bpf_obj_pin(object, path_in(folder_, draft).c_str()) != 0) {
                return fail(keeper::system_error("cannot pin " + name, errno));
            }
        }
        for (const auto& [name, object] : objects) {
            const std::string draft = new_pin + name;
            if (::renameat(folder_.get(), draft.c_str(), folder_.get(), name.c_str()) != 0) {
                return fail(keeper::system_error("cannot replace the pin " + name, errno));
            }
        }
        return remove_all_but(objects);
    }

    /// Removes the folder, too.
    [[nodiscard]] Result<void> remove() const {
        const auto removed = remove_all_but({});
        if (removed && ::unlinkat(parent_.get(), pin_folder, AT_REMOVEDIR) != 0) {
            return fail(
                keeper::system_error(std::string("cannot remove ") + bpf_folder + "/" + pin_folder, errno));
        }
        return removed;
    }

  private:
    Pins(UniqueFd lock, UniqueFd parent, UniqueFd folder)
        : lock_(std::move(lock)), parent_(std::move(parent)), folder_(std::move(folder)) {}

    /// In a file that only root can open, since flock(2) requires no right to write. Not taken if the keeper
    /// has never requested a hook, so that the folder is missing.
    static UniqueFd take_lock() {
        UniqueFd lock(::open(lock_file, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR));
        if (lock) {
            ::flock(lock.get(), LOCK_EX);
        }
        return lock;
    }

    [[nodiscard]] Result<void> remove_all_but(const std::vector<std::pair<std::string, int>>& objects) const {
        for (const std::string& name : keeper::list_directory(path_in(folder_, "")).names) {
            const bool is_kept =
                std::ranges::any_of(objects, [&](const auto& object) { return object.first == name; });
            if (!is_kept && ::unlinkat(folder_.get(), name.c_str(), 0) != 0) {
                return fail(keeper::system_error("cannot remove the pin " + name, errno));
            }
        }
        return {};
    }

    UniqueFd lock_;
    UniqueFd parent_;
    UniqueFd folder_;
};

/// A hook applies to the programs of the host, so only the host itself may attach it.
Result<void> check_is_host() {
    if (inode_of("/proc/self/ns/cgroup") != initial_cgroup_namespace ||
        inode_of("/proc/self/ns/pid") != initial_pid_namespace) {
        return fail(ErrorKind::unsupported, "this is a container: the hook can be attached only by its host");
    }
    // Each network namespace has its own inodes in /proc/PID/net. To read /proc/1/ns/net requires
    // CAP_SYS_PTRACE.
    const ino_t own = inode_of("/proc/self/net/dev");
    if (own == 0 || own != inode_of("/proc/1/net/dev")) {
        return fail(ErrorKind::unsupported, "the loader is not in the network namespace of the host");
    }
    return {};
}

bool is_socket_created(int protocol) {
    return static_cast<bool>(UniqueFd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol)));
}

/// The kernel detaches a program some time after the last pin of its link was removed. False if it did not,
/// since another process uses the link.
bool is_detached_soon(int probe) {
    constexpr timespec pause{.tv_sec = 0, .tv_nsec = 5'000'000};
    constexpr int most_pauses = 2000;
    for (int count = 0; is_socket_created(probe); ++count) {
        if (count == most_pauses) {
            return false;
        }
        ::nanosleep(&pause, nullptr);
    }
    return true;
}

/// Proves by real sockets that the kernel calls the program, and that the program reads net.mptcp.enabled.
Result<void> check_is_called(int exact_probe) {
    if (!is_socket_created(exact_probe)) {
        return fail(ErrorKind::unsupported, "the kernel attached the BPF program, but does not call it");
    }
    const auto enabled = keeper::read_bounded("/proc/sys/net/mptcp/enabled", 64);
    if (!enabled || !*enabled || (**enabled == "1\n") != is_socket_created(hook_enabled_probe)) {
        return fail(ErrorKind::unsupported, "the BPF program cannot read net.mptcp.enabled in this kernel");
    }
    return {};
}

Result<keeper::HookSettings> read_settings(std::string_view request) {
    if (const auto is_host = check_is_host(); !is_host) {
        return propagate(is_host);
    }
    std::ifstream kallsyms("/proc/kallsyms");
    if (!kallsyms) {
        return fail(
            ErrorKind::unsupported, "cannot open /proc/kallsyms (CONFIG_KALLSYMS, or the sandbox of a unit)");
    }
    const auto address = keeper::kernel_symbol(kallsyms, "mptcp_pernet_id");
    if (!address) {
        std::string missing = keeper::missing_in_kernel();
        return fail(ErrorKind::unsupported, missing.empty() ? address.error().message : std::move(missing));
    }
    return keeper::HookSettings{
        .host_net = static_cast<std::uint32_t>(inode_of("/proc/self/ns/net")),
        .host_cgroup = static_cast<std::uint32_t>(initial_cgroup_namespace),
        .mptcp_pernet_id_at = *address,
        .exact_probe = keeper::exact_probe(request)};
}

/// Attaches the hook of the request and pins it.
Result<void> attach(std::string_view text, const keeper::HookRequest& request) {
    const auto rules = keeper::make_hook_rules(request);
    if (!rules) {
        return propagate(rules);
    }
    const auto settings = read_settings(text);
    if (!settings) {
        return propagate(settings);
    }
    const auto hook = keeper::AttachedHook::create(*settings, **rules);
    if (!hook) {
        return propagate(hook);
    }
    if (const auto called = check_is_called(settings->exact_probe); !called) {
        return propagate(called);
    }
    const auto pins = Pins::open();
    return pins ? pins->replace(hook->objects()) : Result<void>(propagate(pins));
}

/// Removes the files, and those that a killed loader left.
void remove_files(const std::vector<std::string_view>& paths) {
    for (const std::string_view path : paths) {
        ::unlink(std::string(path).c_str());
        ::unlink((std::string(path) + ".new").c_str());
    }
}

int run_attach() {
    if (const auto folder = open_folder(AT_FDCWD, std::string(keeper::hook_folder)); !folder) {
        return complain("nothing to attach: " + folder.error().message);
    }
    const std::string path(keeper::hook_request_file);
    const auto text = keeper::read_bounded(path, largest_request);
    if (!text || !*text) {
        return complain(text ? "nothing to attach: there is no " + path : text.error().message);
    }
    const auto request = keeper::parse_hook_request(**text);
    if (!request) {
        return complain("cannot understand " + path + ": was it written by another version of mptcp-keeper?");
    }
    if (const auto attached = attach(**text, *request); !attached) {
        if (attached.error().kind == ErrorKind::unsupported) {
            const std::string reason = keeper::printable_line(attached.error().message) + "\n";
            const auto written =
                keeper::replace_run_file(std::string(keeper::hook_refused_file), reason, 0644);
            written ? EXIT_SUCCESS : complain(written.error().message);
        }
        complain("cannot attach the program hook: " + attached.error().message);
        return attached.error().kind == ErrorKind::unsupported ? exit_refused : EXIT_FAILURE;
    }
    remove_files({keeper::hook_refused_file});
    const auto before = keeper::read_bounded(std::string(keeper::hook_attached_file), largest_request);
    if (before && *before && **before != **text && !is_detached_soon(keeper::exact_probe(**before))) {
        // Both decide now. The file keeps the request of the former one, so that this counts as a difference.
        return complain(
            "the kernel keeps the former hook: another process uses its link (bpftool link show)");
    }
    const auto written = keeper::replace_run_file(std::string(keeper::hook_attached_file), **text, 0644);
    return written ? EXIT_SUCCESS : complain(written.error().message);
}

int run_detach() {
    remove_files({keeper::hook_attached_file, keeper::hook_refused_file});
    if (::access("/sys/fs/bpf/mptcp-keeper", F_OK) != 0 && errno == ENOENT) {
        return EXIT_SUCCESS;
    }
    const auto pins = Pins::open();
    const auto removed = pins ? pins->remove() : Result<void>(propagate(pins));
    if (!removed) {
        return complain("cannot detach the program hook: " + removed.error().message);
    }
    if (!is_detached_soon(keeper::any_probe)) {
        return complain("the kernel keeps the hook: another process uses its link (bpftool link show)");
    }
    return EXIT_SUCCESS;
}

int run(const std::vector<std::string>& arguments) {
    if (arguments == std::vector<std::string>{"attach"}) {
        return run_attach();
    }
    if (arguments == std::vector<std::string>{"detach"}) {
        return run_detach();
    }
    return complain("usage: program-hook attach|detach (run by mptcp-keeper-bpf.service)");
}

} // namespace

int main(int argc, char** argv) {
    ::umask(S_IWGRP | S_IWOTH);
    try {
        return run(std::vector<std::string>(argv + 1, argv + argc));
    } catch (const std::exception& error) {
        return complain(std::string("internal error: ") + error.what());
    }
}
