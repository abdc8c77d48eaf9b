#pragma once

#include <string>
#include <vector>

#include "diagnose/leftovers.hpp"
#include "ports/rival_port.hpp"

namespace keeper {

/// sysctl.d files in the order in which systemd-sysctl applies them, /etc/sysctl.conf last. `root`: "" for /.
[[nodiscard]] std::vector<HostFile> sysctl_files(const std::string& root);
/// Service units that an administrator wrote (/etc/systemd/system). `root`: "" for /.
[[nodiscard]] std::vector<HostFile> own_service_units(const std::string& root);

/// Looks at the programs that run and at the files on disk.
class HostRivals final : public RivalPort {
  public:
    [[nodiscard]] std::string likely_rival(const Change& change) override;
};

} // namespace keeper
