// SPDX-License-Identifier: LGPL-2.1-or-later
// Turns TCP sockets of chosen programs into MPTCP sockets when they are created, in the kernel function
// update_socket_protocol() (Linux 6.6, net/socket.c), which exists for this. The function runs for every
// socket(2) of the whole host, also of containers.
//
// The few fields of the kernel that it reads are declared here; libbpf replaces their offsets by those of the
// running kernel (CO-RE), and does not load the program if one does not exist. No header of the kernel or of
// an architecture is needed.

typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef int __s32;
typedef unsigned long long __u64;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "hook/decision.h"

#define KERNEL_STRUCT __attribute__((preserve_access_index))

enum {
    AF_INET = 2,
    AF_INET6 = 10,
    AF_NETLINK = 16,
    SOCK_STREAM = 1,
    sock_type_mask = 0xf, // the rest is SOCK_CLOEXEC and SOCK_NONBLOCK
    IPPROTO_TCP = 6,
    IPPROTO_MPTCP = 262,
    NETLINK_USERSOCK = 2,
    map_type_percpu_array = 6,
    map_type_lru_hash = 9,
};

struct ns_common {
    unsigned int inum;
} KERNEL_STRUCT;

struct net_generic {
    void* ptr[1];
} KERNEL_STRUCT;

struct net {
    struct ns_common ns;
    struct net_generic* gen;
} KERNEL_STRUCT;

struct mptcp_pernet {
    __u8 mptcp_enabled;
} KERNEL_STRUCT;

struct cgroup_namespace {
    struct ns_common ns;
} KERNEL_STRUCT;

struct nsproxy {
    struct net* net_ns;
    struct cgroup_namespace* cgroup_ns;
} KERNEL_STRUCT;

struct kernfs_node {
    const char* name;
} KERNEL_STRUCT;

struct cgroup;

struct cgroup_subsys_state {
    struct cgroup* cgroup;
    struct cgroup_subsys_state* parent;
} KERNEL_STRUCT;

struct cgroup {
    struct cgroup_subsys_state self;
    struct kernfs_node* kn;
} KERNEL_STRUCT;

struct css_set {
    struct cgroup* dfl_cgrp;
} KERNEL_STRUCT;

struct task_struct {
    struct nsproxy* nsproxy;
    struct css_set* cgroups;
} KERNEL_STRUCT;

// Set by the loader.
const volatile __u32 host_net = 0;           // the inode numbers of the host's namespaces
const volatile __u32 host_cgroup = 0;        //
const volatile __u64 mptcp_pernet_id_at = 0; // the address of the kernel's variable mptcp_pernet_id
const volatile __s32 exact_probe = 0;        // the protocols of the probes (applications/hook_request.hpp)
const volatile __s32 any_probe = 0;          //
struct hook_rules rules = {};

// A cgroup is never renamed in cgroup v2, and its id is not used again before the next boot, so a verdict
// holds forever.
struct {
    __uint(type, map_type_lru_hash);
    __uint(max_entries, 4096);
    __type(key, __u64);
    __type(value, __u8);
} verdicts SEC(".maps");

struct scratch {
    __u64 cgroup; // the next one on the way to the root
    __u32 depth;
    __u32 is_whole;          // the root was reached, and every name was read
    __u64 nodes[hook_depth]; // the kernfs nodes of the path, from the leaf to below the root
    struct hook_state state;
};

// One for each of the two programs. The kernel runs a program once at a time on each CPU, so that nothing
// else changes it.
struct {
    __uint(type, map_type_percpu_array);
    __uint(max_entries, 2);
    __type(key, __u32);
    __type(value, struct scratch);
} scratches SEC(".maps");

struct walk {
    struct hook_decision decision; // the first member: the steps of the decision get a pointer to it
    struct scratch* scratch;
};

static long climb_step(__u32 step, void* context) {
    struct scratch* scratch = ((struct walk*)context)->scratch;
    struct cgroup* cgroup = (struct cgroup*)scratch->cgroup;
    struct cgroup_subsys_state* parent = BPF_CORE_READ(cgroup, self.parent);
    if (!parent) {
        scratch->is_whole = 1;
        return 1;
    }
    scratch->nodes[step & (hook_depth - 1)] = (__u64)BPF_CORE_READ(cgroup, kn);
    scratch->depth = step + 1;
    scratch->cgroup = (__u64)BPF_CORE_READ(parent, cgroup);
    return 0;
}

static long descend_step(__u32 step, void* context) {
    struct walk* walk = context;
    struct scratch* scratch = walk->scratch;
    const __u32 number = scratch->depth - 1 - step;
    struct kernfs_node* node = (struct kernfs_node*)scratch->nodes[number & (hook_depth - 1)];
    const char* name = BPF_CORE_READ(node, name);
    const long size = bpf_probe_read_kernel_str(scratch->state.name, sizeof(scratch->state.name), name);
    if (size <= 1) {
        scratch->is_whole = 0;
        return 1;
    }
    scratch->state.length = (__u32)size - 1;
    hook_add_component(&walk->decision);
    return 0;
}

/// Whether programs of the current task's cgroup become MPTCP; not if its path cannot be read.
static int decide(struct task_struct* task, __u64 id, __u32 program) {
    struct walk walk = {};
    struct scratch* scratch = bpf_map_lookup_elem(&scratches, &program);
    if (!scratch) {
        return 0;
    }
    scratch->cgroup = (__u64)task->cgroups->dfl_cgrp;
    scratch->depth = 0;
    scratch->is_whole = 0;
    __builtin_memset(&scratch->state, 0, __builtin_offsetof(struct hook_state, name));
    walk.scratch = scratch;
    walk.decision.rules = &rules;
    walk.decision.state = &scratch->state;
    bpf_loop(hook_depth, climb_step, &walk, 0);
    if (scratch->is_whole) {
        bpf_loop(scratch->depth, descend_step, &walk, 0);
    }
    if (!scratch->is_whole) {
        return 0;
    }
    const __u8 verdict = (__u8)hook_verdict(&walk.decision);
    bpf_map_update_elem(&verdicts, &id, &verdict, 0);
    return verdict;
}

/// net.mptcp.enabled of the namespace: where it is 0, creating an MPTCP socket fails.
static int is_mptcp_enabled(struct net* net) {
    __u32 id = 0;
    struct mptcp_pernet* pernet = 0;
    struct net_generic* generic = net->gen;
    if (bpf_probe_read_kernel(&id, sizeof(id), (const void*)mptcp_pernet_id_at) ||
        bpf_probe_read_kernel(
            &pernet,
            sizeof(pernet),
            (const char*)__builtin_preserve_access_index(&generic->ptr[0]) + (__u64)id * sizeof(void*))) {
        return 0;
    }
    return BPF_CORE_READ(pernet, mptcp_enabled);
}

/// The protocol of the socket; 0 for no opinion.
static __attribute__((always_inline)) inline int
choose_protocol(const unsigned long long* arguments, __u32 program) {
    const int family = (int)arguments[0];
    const int type = (int)arguments[1];
    const int protocol = (int)arguments[2];
    const int is_probe = family == AF_NETLINK &&
                         (protocol == any_probe || protocol == exact_probe || protocol == hook_enabled_probe);
    const int is_tcp = (family == AF_INET || family == AF_INET6) && (type & sock_type_mask) == SOCK_STREAM &&
                       (protocol == 0 || protocol == IPPROTO_TCP);
    if (!is_probe && !is_tcp) {
        return 0; // no opinion
    }
    struct task_struct* task = bpf_get_current_task_btf();
    struct nsproxy* namespaces = task->nsproxy;
    if (!namespaces || namespaces->net_ns->ns.inum != host_net) {
        return 0;
    }
    if (is_probe) {
        const int is_on = protocol != hook_enabled_probe || is_mptcp_enabled(namespaces->net_ns);
        return is_on ? NETLINK_USERSOCK : 0;
    }
    if (namespaces->cgroup_ns->ns.inum != host_cgroup) {
        return 0;
    }
    const __u64 id = bpf_get_current_cgroup_id();
    const __u8* known = bpf_map_lookup_elem(&verdicts, &id);
    if (!(known ? *known : decide(task, id, program)) || !is_mptcp_enabled(namespaces->net_ns)) {
        return 0;
    }
    return IPPROTO_MPTCP;
}

SEC("fmod_ret/update_socket_protocol")
int turn_into_mptcp(unsigned long long* arguments) {
    return choose_protocol(arguments, 0);
}

// The kernel skips a program while a thread that it has preempted is in it on the same CPU. That lasts until
// the thread runs again, and many sockets of others may be opened in the meantime: then this one decides. It
// runs only if the first one has returned 0.
SEC("fmod_ret/update_socket_protocol")
int turn_preempted(unsigned long long* arguments) {
    return choose_protocol(arguments, 1);
}

// The kernel lets only programs with this licence call some of the helpers. LGPL-2.1-or-later permits to use
// this file under the GPL (section 3).
char _license[] SEC("license") = "GPL";
