// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/kernel/host.hpp"

#include <array>
#include <fstream>

#include <linux/capability.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

namespace keeper {

Result<std::string> boot_id() {
    constexpr const char* path = "/proc/sys/kernel/random/boot_id";
    std::ifstream file(path);
    std::string id;
    if (!std::getline(file, id) || id.empty()) {
        return fail(std::string("cannot read the boot id from ") + path + "; is /proc mounted?");
    }
    return id;
}

std::string kernel_release() {
    utsname names{};
    return uname(&names) == 0 ? names.release : "";
}

bool has_net_admin() {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
    if (syscall(SYS_capget, &header, sets.data()) != 0) {
        return false;
    }
    return (sets[CAP_TO_INDEX(CAP_NET_ADMIN)].effective & CAP_TO_MASK(CAP_NET_ADMIN)) != 0;
}

} // namespace keeper
