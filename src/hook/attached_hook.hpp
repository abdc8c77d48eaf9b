// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "hook/decision.h"

struct program_hook_bpf;

namespace keeper {

/// What the BPF program needs to know besides its rules.
struct HookSettings {
    std::uint32_t host_net = 0; ///< inode number of the network namespace
    std::uint32_t host_cgroup = 0;
    std::uint64_t mptcp_pernet_id_at = 0; ///< the address of that variable of the kernel
    int exact_probe = 0;
};

/// The BPF program, loaded into the kernel and attached. Owns it: unless its link is pinned, the kernel
/// detaches the program when this object ends. Programs that were attached before stay attached.
class AttachedHook {
  public:
    /// An Error of ErrorKind::unsupported says why the kernel refused.
    [[nodiscard]] static Result<AttachedHook> create(const HookSettings& settings, const hook_rules& rules);

    /// The descriptors to pin, with their names.
    [[nodiscard]] std::vector<std::pair<std::string, int>> objects() const;

  private:
    struct Destroy {
        void operator()(program_hook_bpf* program) const;
    };
    using Program = std::unique_ptr<program_hook_bpf, Destroy>;
    explicit AttachedHook(Program program) : program_(std::move(program)) {}
    Program program_;
};

/// Why no kernel of this kind can have the hook: "" if its type information has all that the program needs.
[[nodiscard]] std::string missing_in_kernel();

} // namespace keeper
