// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hook/attached_hook.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string_view>
#include <system_error>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "applications/hook_request.hpp"
#include "base/text/lines.hpp"
#include "base/text/printable.hpp"
#include "program_hook.skel.h" // made by bpftool

namespace keeper {

namespace {

constexpr int kernel_enotsupp = 524; // ENOTSUPP of the kernel, which reaches programs for some BPF calls
constexpr const char* hook_function = "update_socket_protocol";

std::string text_of(int error_number) {
    return std::generic_category().message(error_number);
}

bool has_member(const btf* types, const char* structure, std::string_view member) {
    const int id = btf__find_by_name_kind(types, structure, BTF_KIND_STRUCT);
    if (id < 0) {
        return false;
    }
    const btf_type* type = btf__type_by_id(types, static_cast<__u32>(id));
    const btf_member* members = btf_members(type);
    for (int number = 0; number < btf_vlen(type); ++number) {
        if (member == btf__name_by_offset(types, members[number].name_off)) {
            return true;
        }
    }
    return false;
}

/// The last line of the verifier's log that is not about its own work.
std::string reason_in(std::string_view log) {
    std::string_view reason;
    while (!log.empty()) {
        const std::string_view line = take_line(log);
        if (!line.empty() && !line.starts_with("processed ") && !line.starts_with("verification time ")) {
            reason = line;
        }
    }
    return reason.empty() ? "" : ": " + printable(reason);
}

tl::unexpected<Error> refuse(const std::string& action, int error_number, std::string_view log) {
    std::string missing = missing_in_kernel();
    if (!missing.empty()) {
        return fail(ErrorKind::unsupported, std::move(missing));
    }
    // Any other error, such as a lack of memory, may not occur the next time.
    constexpr std::array permanent{EPERM, EACCES, EINVAL, ENOENT, ESRCH, ENOTSUP, kernel_enotsupp};
    const bool is_permanent = std::find(permanent.begin(), permanent.end(), error_number) != permanent.end();
    // EPERM does not come from the verifier, so its log does not contain the reason
    const std::string reason =
        error_number == EPERM ? " (kernel lockdown, or no CAP_BPF and CAP_PERFMON)" : reason_in(log);
    return fail(
        is_permanent ? ErrorKind::unsupported : ErrorKind::failed,
        "the kernel refuses to " + action + ": " + text_of(error_number) + reason);
}

} // namespace

std::string missing_in_kernel() {
    const std::unique_ptr<btf, decltype(&btf__free)> types(btf__load_vmlinux_btf(), &btf__free);
    if (!types) {
        return "this kernel has no readable type information, /sys/kernel/btf/vmlinux (CONFIG_DEBUG_INFO_BTF)";
    }
    if (btf__find_by_name_kind(types.get(), hook_function, BTF_KIND_FUNC) < 0) {
        return std::string("this kernel has no hook ") + hook_function + " (Linux 6.6 and later have it)";
    }
    if (!has_member(types.get(), "mptcp_pernet", "mptcp_enabled")) {
        return "the type information of this kernel lacks mptcp_pernet.mptcp_enabled";
    }
    return "";
}

void AttachedHook::Destroy::operator()(program_hook_bpf* program) const {
    program_hook_bpf__destroy(program);
}

Result<AttachedHook> AttachedHook::create(const HookSettings& settings, const hook_rules& rules) {
    libbpf_set_print(nullptr); // the reasons are in the log of the verifier and in the type information
    std::array<char, 64 * 1024> log{};
    bpf_object_open_opts options{};
    options.sz = sizeof(options);
    options.kernel_log_buf = log.data();
    options.kernel_log_size = log.size();
    Program program(program_hook_bpf__open_opts(&options));
    if (!program) {
        return fail("cannot open the BPF program: " + text_of(errno));
    }
    program->rodata->host_net = settings.host_net;
    program->rodata->host_cgroup = settings.host_cgroup;
    program->rodata->mptcp_pernet_id_at = settings.mptcp_pernet_id_at;
    program->rodata->exact_probe = settings.exact_probe;
    program->rodata->any_probe = any_probe;
    static_assert(sizeof(program->bss->rules) == sizeof(rules));
    std::memcpy(&program->bss->rules, &rules, sizeof(rules));
    if (const int error = program_hook_bpf__load(program.get()); error != 0) {
        return refuse("load the BPF program", -error, log.data());
    }
    if (const int error = program_hook_bpf__attach(program.get()); error != 0) {
        return refuse(std::string("attach to ") + hook_function, -error, "");
    }
    return AttachedHook(std::move(program));
}

std::vector<std::pair<std::string, int>> AttachedHook::objects() const {
    return {
        {"link", bpf_link__fd(program_->links.turn_into_mptcp)},
        {"program", bpf_program__fd(program_->progs.turn_into_mptcp)},
        {"link-preempted", bpf_link__fd(program_->links.turn_preempted)},
        {"program-preempted", bpf_program__fd(program_->progs.turn_preempted)},
        {"verdicts", bpf_map__fd(program_->maps.verdicts)},
        {"scratches", bpf_map__fd(program_->maps.scratches)},
        {"settings", bpf_map__fd(program_->maps.rodata)},
        {"rules", bpf_map__fd(program_->maps.bss)},
    };
}

} // namespace keeper
