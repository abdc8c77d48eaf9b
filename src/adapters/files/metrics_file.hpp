// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "ports/metrics_file_port.hpp"

namespace keeper {

/// Writes the file as root into a directory that may be below one of another user.
///
/// The directory must be owned by root (or by the user of this process) and writable by its owner only. No
/// component of the path may be a link. The directories above it must be as safe, except that a system
/// account (uid below 1000) may own one: Debian's node_exporter owns /var/lib/prometheus, above a directory
/// of root's. Such an owner can rename and replace what is in its directory, but only by links and by its own
/// files, which are refused, and by other directories of root that are there already. A mount below it, which
/// could be a FUSE file system that claims to be root's, is refused as well.
///
/// All operations are relative to the checked directory, so that nothing can be exchanged in between. The
/// file is written under a name that node_exporter ignores, and renamed.
class MetricsFile final : public MetricsFilePort {
  public:
    [[nodiscard]] Result<void> replace(const std::string& path, const std::string& text) override;
    [[nodiscard]] Result<void> remove(const std::string& path) override;
};

} // namespace keeper
