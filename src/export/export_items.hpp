// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "export/export.hpp"

/// The parts of an export, one function per section.
namespace keeper::export_items {

/// One item of a section: its lines below the section's name, without indent.
struct Item {
    std::string section; ///< "sysctl", "limits", "profiles", "endpoints", "applications"
    std::vector<std::string> yaml;
    std::vector<std::string> found_at; ///< where the value was found, one comment each
    std::string left_out;              ///< why it is commented out; empty if it is not
    std::string list = {};             ///< the key of the section whose list it belongs to; empty for none
};
using Items = std::vector<Item>;

void add_sysctls(const ExportFacts& facts, Items& items);
void add_limits(const ExportFacts& facts, Items& items);
void add_profiles(const ExportFacts& facts, Items& items);
void add_endpoints(const ExportFacts& facts, Items& items);
void add_applications(const ExportFacts& facts, Items& items);

/// "mptcpd (pid 812, mptcp.service)".
[[nodiscard]] std::string name_of_mptcpd(const RunningMptcpd& mptcpd);

} // namespace keeper::export_items
