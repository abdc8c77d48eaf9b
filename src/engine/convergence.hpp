// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/executor.hpp"

namespace keeper {

/// One apply from the first plan to the report: rounds of plan, record, execute and read back, until a plan
/// contains nothing that was not tried. A second round is rare: it is needed if NetworkManager restarted in
/// between, or if its own changes are not what was declared.
class Convergence {
  public:
    Convergence(
        const Ports& ports, const DesiredState& desired, const ApplyOptions& options, Observation found);

    [[nodiscard]] Result<ApplyReport> run();
    /// The record at the end of the run.
    [[nodiscard]] const Ownership& record() const { return now_.ownership; }
    /// What the last plan of the run saw, and the record at its end.
    [[nodiscard]] Observation take_last() { return std::move(now_); }

  private:
    /// For the present state and record; made again only if they have changed.
    [[nodiscard]] const Plan& plan();
    [[nodiscard]] Plan make_held_plan();
    /// Defers what must wait.
    [[nodiscard]] Plan held(Plan plan) const;
    /// Carries out one plan, saving the record before and after. An Error if nothing was done, since the
    /// record could not be saved.
    [[nodiscard]] Result<Execution> execute(const Plan& plan);
    /// Reads only what has changed, and the devices that were remembered since the last time.
    void observe_again();
    /// Those that the plan changes: NetworkManager does not announce the flags that a device runs.
    void remember_devices(const Plan& plan);
    /// Observes again until the plan is empty or `most` has passed.
    void wait_until_settled(std::chrono::milliseconds most);
    void wait_for_network_manager();
    void merge(std::vector<AppliedChange> changes);
    /// It was blocked or failed, so waiting for NetworkManager does not help.
    [[nodiscard]] bool was_left_undone(const Change& change) const;
    /// It was tried and failed.
    [[nodiscard]] bool has_failed_before(const Change& change) const;
    /// It failed, or it is tried only once.
    [[nodiscard]] bool is_done_with(const Change& change) const;
    /// Whether the plan contains something that may still be tried.
    [[nodiscard]] bool has_work(const Plan& plan) const;
    /// Whether an item failed because of this run.
    [[nodiscard]] bool must_revert() const;
    [[nodiscard]] Result<void> revert();
    /// Merges the last plan, which verifies the run, into the results.
    void merge_last_plan(const Plan& last);
    /// What the service would attach later follows the declaration, also where it is not attached now.
    void prepare_program_hook(const std::string& request);
    [[nodiscard]] std::string wanted_hook_request() const;
    [[nodiscard]] ApplyReport make_report();

    Ports ports_;
    const DesiredState& desired_;
    ApplyOptions options_;
    Scope scope_;
    Observation now_;
    std::optional<Plan> plan_; ///< std::nullopt: to be made again
    Look look_{.profiles = Look::Profiles::changed};
    Ownership found_record_;
    std::string prepared_before_;         ///< the request of the program hook that was prepared
    std::chrono::milliseconds round_end_; ///< of the clock port: the deadline for NetworkManager
    std::vector<AppliedChange> changes_;
    std::vector<std::string> record_warnings_; ///< changes that could not be recorded
};

} // namespace keeper
