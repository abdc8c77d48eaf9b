#pragma once

#include <chrono>
#include <optional>
#include <utility>

#include "engine/executor.hpp"

namespace keeper {

/// One apply from the first plan to the verdict: rounds of plan, record, execute, read back, until a plan
/// has nothing left that was not tried. A second round is the exception: where NetworkManager restarted in
/// between, or where what it did on its own is not what was declared.
class Convergence {
  public:
    Convergence(
        const Ports& ports, const DesiredState& desired, const ApplyOptions& options, Observation found);

    [[nodiscard]] Result<ApplyReport> run();
    /// The record as the run left it.
    [[nodiscard]] const Ownership& record() const { return now_.ownership; }

  private:
    [[nodiscard]] Plan plan() const;
    /// Carries out one plan and keeps the books; false where the record could not be saved.
    [[nodiscard]] Result<Execution> execute(const Plan& plan);
    void observe_again();
    /// Looks again until the plan is empty or the time that NetworkManager may take is over.
    void wait_until_settled(std::chrono::milliseconds most);
    void wait_for_network_manager();
    void merge(std::vector<AppliedChange> changes);
    /// It was blocked, or it failed: NetworkManager will not do it.
    [[nodiscard]] bool was_left_undone(const Change& change) const;
    /// It was tried in vain.
    [[nodiscard]] bool has_failed_before(const Change& change) const;
    /// It failed, or it is of a kind that is tried once.
    [[nodiscard]] bool is_done_with(const Change& change) const;
    /// Whether the plan holds something that may be tried.
    [[nodiscard]] bool has_work(const Plan& plan) const;
    [[nodiscard]] Result<void> take_back();
    /// Takes what the last plan says into the changes.
    void judge(const Plan& last);
    [[nodiscard]] ApplyReport verdict();

    Ports ports_;
    const DesiredState& desired_;
    ApplyOptions options_;
    Scope scope_;
    Observation now_;
    Ownership found_record_;
    std::chrono::milliseconds round_end_; ///< by the clock port, when NetworkManager's time is over
    std::vector<AppliedChange> changes_;
    std::vector<std::string> record_warnings_; ///< what could not be recorded
};

} // namespace keeper
