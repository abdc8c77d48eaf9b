// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "daemon_record/published_repair.hpp"
#include "plan/plan.hpp"

/// The JSON of values and repairs, the same in the daemon's record and in the documents of the commands.
namespace keeper {

/// Objects keep the order in which their keys are added.
using Json = nlohmann::ordered_json;

/// The text, or null if it is empty.
[[nodiscard]] Json text_or_null(const std::string& text);

/// The JSON of a value: a sysctl is a string, a limit a number, an endpoint {"interface","flags","id"}, a
/// profile the list of its flags; null if there is none.
[[nodiscard]] Json json_of(const Value& value);

/// {"number","time","resource","key","name","before","after","source"}.
[[nodiscard]] Json json_of(const PublishedRepair& repair);
/// Parses the output of json_of(); std::nullopt for any other JSON. Missing keys get their default, except
/// resource, before and after.
[[nodiscard]] std::optional<PublishedRepair> parse_repair(const Json& json);

} // namespace keeper
