// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "fakes/failure_injection.hpp"
#include "ports/program_hook_port.hpp"

namespace keeper::fake {

/// A kernel and a service that attach one program hook.
class FakeProgramHook : public ProgramHookPort, public FailureInjection {
  public:
    ObservedProgramHook present;
    std::string refuses = {}; ///< not empty: the kernel refuses every program, for this reason

    int observations = 0;

    [[nodiscard]] ObservedProgramHook observe(bool) override {
        ++observations;
        return present;
    }
    [[nodiscard]] Result<void> prepare(const std::string& request) override {
        auto result = record("prepare program hook");
        if (result) {
            present.prepared = request;
        }
        return result;
    }
    [[nodiscard]] Result<void> attach(const std::string& request) override {
        auto result = record("attach program hook");
        if (!result) {
            return result;
        }
        if (!refuses.empty()) {
            present.refusal = refuses;
            present.obstacle = present.is_attached ? present.obstacle : HookObstacle::refused;
            return fail(
                present.is_attached ? ErrorKind::failed : ErrorKind::unsupported,
                "the kernel refused the program: " + refuses);
        }
        present.is_attached = true;
        present.request = present.prepared = request;
        return result;
    }
    [[nodiscard]] Result<void> detach() override {
        auto result = record("detach program hook");
        if (result) {
            present.is_attached = false;
            present.request.clear();
            present.prepared.clear();
        }
        return result;
    }
};

} // namespace keeper::fake
