// SPDX-License-Identifier: LGPL-2.1-or-later
#include <array>
#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "applications/process_texts.hpp"

namespace keeper {
namespace {

const std::string init_of_host = "0::/init.scope\n";

/// A /proc/PID/cgroup and its units.
struct TextCase {
    const char* what;
    std::string cgroup;
    std::string innermost;
    std::string of_system;
    std::string init_cgroup = init_of_host;
};

TEST(UnitOfCgroup, IsTheOneOfTheHostsServiceManagerAndTheInnermost) {
    const std::string v1 = "12:pids:/system.slice/other.service\n5:cpu,cpuacct:/\n";
    const std::vector<TextCase> cases{
        {"a service", "0::/system.slice/iperf3.service\n", "iperf3.service", "iperf3.service"},
        {"an instance in a slice of its template",
         "0::/system.slice/system-web.slice/web@1.service\n",
         "web@1.service",
         "web@1.service"},
        {"a group that the service made", "0::/system.slice/x.service/payload/a\n", "x.service", "x.service"},
        {"a service at the top", "0::/x.service\n", "x.service", "x.service"},
        {"no end of line", "0::/system.slice/x.service", "x.service", "x.service"},
        {"a kernel thread", "0::/\n", "", ""},
        {"systemd itself", "0::/init.scope\n", "init.scope", "init.scope"},
        {"a slice alone", "0::/user.slice\n", "", ""},
        {"a session",
         "0::/user.slice/user-1000.slice/session-3.scope\n",
         "session-3.scope",
         "session-3.scope"},
        {"a user's service",
         "0::/user.slice/user-1000.slice/user@1000.service/app.slice/x.service\n",
         "x.service",
         "user@1000.service"},
        {"version 1",
         v1 + "1:name=systemd:/system.slice/x.service\n",
         "x.service",
         "x.service",
         "1:name=systemd:/init.scope\n"},
        {"both versions",
         v1 + "1:name=systemd:/system.slice/x.service\n0::/system.slice/x.service\n",
         "x.service",
         "x.service",
         "1:name=systemd:/init.scope\n0::/init.scope\n"},
        {"both versions, the second unused",
         v1 + "1:name=systemd:/system.slice/x.service\n0::/\n",
         "x.service",
         "x.service",
         "1:name=systemd:/init.scope\n0::/\n"},
        {"version 1 without systemd", v1, "", "", "12:pids:/\n5:cpu,cpuacct:/\n"},
        {"docker's own groups", "0::/docker/5d1ab2\n", "", ""},
        {"docker with systemd's groups",
         "0::/system.slice/docker-5d1ab2.scope\n",
         "docker-5d1ab2.scope",
         "docker-5d1ab2.scope"},
        {"Kubernetes",
         "0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice/cri-containerd-2.scope\n",
         "cri-containerd-2.scope",
         "cri-containerd-2.scope"},
        {"a service of a container, seen from the host",
         "0::/machine.slice/systemd-nspawn@web.service/payload/system.slice/nginx.service\n",
         "nginx.service",
         "systemd-nspawn@web.service"},
        {"a service of a container without groups of systemd, seen from the host",
         "0::/lxc.payload.web/system.slice/nginx.service\n",
         "nginx.service",
         ""},
        {"the same, seen in the container",
         "0::/lxc.payload.web/system.slice/nginx.service\n",
         "nginx.service",
         "nginx.service",
         "0::/lxc.payload.web/init.scope\n"},
        {"a service of a machine of version 1, seen in it",
         "1:name=systemd:/machine.slice/machine-web.scope/system.slice/nginx.service\n",
         "nginx.service",
         "nginx.service",
         "1:name=systemd:/machine.slice/machine-web.scope/init.scope\n"},
        {"a container of one program, seen in it", "0::/docker/5d1ab2\n", "", "", "0::/docker/5d1ab2\n"},
        {"nothing that could be read", "", "", "", ""},
        {"no group at all", "garbage\n\n0::\n", "", ""}};
    for (const TextCase& one : cases) {
        EXPECT_EQ(unit_of_cgroup(one.cgroup), one.innermost) << one.what;
        EXPECT_EQ(system_unit_of_cgroup(one.cgroup, one.init_cgroup), one.of_system) << one.what;
    }
}

TEST(VariableOf, FindsWholeNamesOnly) {
    const std::string environment(
        "XLD_PRELOAD=no\0LD_PRELOAD=/usr/lib/a.so b.so\0LD_PRELOAD=second\0EMPTY=\0"
        "NO_SIGN\0LAST=with=signs",
        93);
    EXPECT_EQ(variable_of(environment, "LD_PRELOAD"), "/usr/lib/a.so b.so");
    EXPECT_EQ(variable_of(environment, "EMPTY"), "");
    EXPECT_EQ(variable_of(environment, "NO_SIGN"), "");
    EXPECT_EQ(variable_of(environment, "LAST"), "with=signs");
    EXPECT_EQ(variable_of(environment, "PRELOAD"), "");
    EXPECT_EQ(variable_of(environment, "LD_PRELOAD="), "");
    EXPECT_EQ(variable_of("", "LAST"), "");
}

std::string auxiliary_vector(const std::vector<std::array<unsigned long, 2>>& pairs) {
    std::string bytes(pairs.size() * sizeof(pairs[0]), '\0');
    std::memcpy(bytes.data(), pairs.data(), bytes.size());
    return bytes;
}

TEST(SecureStart, FollowsTheAuxiliaryVector) {
    constexpr unsigned long page_size = 6;
    constexpr unsigned long secure = 23;
    const std::string trusted = auxiliary_vector({{page_size, 4096}, {secure, 0}, {0, 0}});
    const std::string distrusted = auxiliary_vector({{page_size, 4096}, {secure, 1}, {0, 0}});
    EXPECT_FALSE(is_secure_start(trusted));
    EXPECT_TRUE(is_secure_start(distrusted));
    EXPECT_FALSE(is_secure_start(auxiliary_vector({{page_size, secure}, {0, 0}}))) << "a value, not a key";
    EXPECT_FALSE(is_secure_start(distrusted.substr(0, 31))) << "cut off within the pair";
    EXPECT_FALSE(is_secure_start(""));
}

TEST(Maps, ShowTheLoaderAndThePreload) {
    const std::string of_static = "00400000-00401000 r--p 00000000 08:01 42   /usr/bin/busybox\n";
    const std::string of_dynamic =
        of_static +
        "7f1c0000-7f1c2000 r--p 00000000 08:01 43   /usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2\n";
    const std::string of_preloaded =
        of_dynamic + "7f1d0000-7f1d2000 r-xp 00000000 08:01 44   /usr/lib/x86_64-linux-gnu/mptcpize/"
                     "libmptcpwrap.so.0.0.3\n";
    EXPECT_FALSE(has_loader_mapped(of_static));
    EXPECT_TRUE(has_loader_mapped(of_dynamic));
    EXPECT_TRUE(has_loader_mapped("7f1c0000-7f1c2000 r--p 00000000 08:01 43   /lib/ld-musl-x86_64.so.1\n"));
    EXPECT_FALSE(has_preload_mapped(of_dynamic));
    EXPECT_TRUE(has_preload_mapped(of_preloaded));
}

} // namespace
} // namespace keeper
