// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host_config/mechanisms.hpp"

namespace keeper {

namespace {

/// Mechanisms that set values before any commands run.
const std::vector<HostMechanism>& value_files() {
    static const std::vector<HostMechanism> rows = {
        {.name = "kernel command line",
         .syntax = Syntax::kernel_line,
         .places =
             {"/proc/cmdline",
              "/etc/default/grub",
              "/etc/default/grub.d/*.cfg",
              "/etc/kernel/cmdline",
              "/boot/loader/entries/*.conf"}},
        {.name = "systemd-sysctl",
         .syntax = Syntax::sysctl,
         .places =
             {"/lib/sysctl.d/*.conf",
              "/usr/lib/sysctl.d/*.conf",
              "/usr/local/lib/sysctl.d/*.conf",
              "/run/sysctl.d/*.conf",
              "/etc/sysctl.d/*.conf"},
         .shadows = true},
        {.name = "sysctl", .syntax = Syntax::sysctl, .places = {"/etc/sysctl.conf"}},
        {.name = "ufw",
         .syntax = Syntax::sysctl,
         .places = {"/etc/ufw/sysctl.conf"},
         .needed_file = "/etc/ufw/ufw.conf",
         .needed_text = "ENABLED=yes"},
        {.name = "tuned",
         .syntax = Syntax::tuned,
         .places =
             {"/usr/lib/tuned/*/tuned.conf",
              "/usr/lib/tuned/profiles/*/tuned.conf",
              "/etc/tuned/*/tuned.conf",
              "/etc/tuned/profiles/*/tuned.conf"},
         .shadows = true,
         .reload = "tuned-adm profile \"$(cat /etc/tuned/active_profile)\"",
         .needed_file = "/etc/tuned/active_profile",
         .needed_text = "{folder}"},
        {.name = "systemd-tmpfiles",
         .syntax = Syntax::tmpfiles,
         .places = {"/usr/lib/tmpfiles.d/*.conf", "/run/tmpfiles.d/*.conf", "/etc/tmpfiles.d/*.conf"},
         .shadows = true},
        {.name = "modprobe",
         .syntax = Syntax::modprobe,
         .places =
             {"/lib/modprobe.d/*.conf",
              "/usr/lib/modprobe.d/*.conf",
              "/usr/local/lib/modprobe.d/*.conf",
              "/run/modprobe.d/*.conf",
              "/etc/modprobe.d/*.conf"},
         .shadows = true},
        {.name = "udev",
         .syntax = Syntax::udev,
         .places =
             {"/lib/udev/rules.d/*.rules",
              "/usr/lib/udev/rules.d/*.rules",
              "/usr/local/lib/udev/rules.d/*.rules",
              "/run/udev/rules.d/*.rules",
              "/etc/udev/rules.d/*.rules"},
         .shadows = true,
         .reload = "udevadm control --reload"},
        {.name = "the dynamic linker", .syntax = Syntax::environment, .places = {"/etc/ld.so.preload"}},
        {.name = "systemd's environment",
         .syntax = Syntax::environment,
         .places =
             {"/etc/systemd/system.conf",
              "/etc/systemd/system.conf.d/*.conf",
              "/etc/environment",
              "/etc/environment.d/*.conf"},
         .reload = "systemctl daemon-reexec"},
    };
    return rows;
}

/// Mechanisms that run commands at boot or at certain times.
const std::vector<HostMechanism>& boot_commands() {
    static const std::vector<HostMechanism> rows = {
        {.name = "systemd",
         .syntax = Syntax::unit,
         .picks = Picks::unit,
         .places =
             {"/run/systemd/generator.late/*.service",
              "/lib/systemd/system/*.service",
              "/usr/lib/systemd/system/*.service",
              "/usr/local/lib/systemd/system/*.service",
              "/run/systemd/generator/*.service",
              "/run/systemd/system/*.service",
              "/etc/systemd/system/*.service",
              "/run/systemd/transient/*.service"},
         .shadows = true,
         .reload = "systemctl daemon-reload"},
        {.name = "systemd",
         .syntax = Syntax::unit,
         .places =
             {"/usr/lib/systemd/system/*.d/*.conf",
              "/usr/local/lib/systemd/system/*.d/*.conf",
              "/run/systemd/generator/*.d/*.conf",
              "/run/systemd/system/*.d/*.conf",
              "/etc/systemd/system/*.d/*.conf",
              "/etc/systemd/system.control/*.d/*.conf"},
         .reload = "systemctl daemon-reload"},
        {.name = "cloud-init",
         .syntax = Syntax::cloud_config,
         .places =
             {"/etc/cloud/cloud.cfg",
              "/etc/cloud/cloud.cfg.d/*.cfg",
              "/var/lib/cloud/instance/cloud-config.txt"}},
        {.name = "cloud-init",
         .picks = Picks::executable,
         .places =
             {"/var/lib/cloud/scripts/per-boot/*",
              "/var/lib/cloud/scripts/per-instance/*",
              "/var/lib/cloud/scripts/per-once/*"}},
        {.name = "init scripts",
         .picks = Picks::init_script,
         .places = {"/etc/init.d/*", "/etc/rc.d/init.d/*"}},
        {.name = "rc.local", .picks = Picks::executable, .places = {"/etc/rc.d/rc.local", "/etc/rc.local"}},
        {.name = "cron",
         .syntax = Syntax::crontab,
         .picks = Picks::cron,
         .places = {"/etc/crontab", "/etc/cron.d/*"}},
        {.name = "cron",
         .syntax = Syntax::user_crontab,
         .places = {"/var/spool/cron/crontabs/*", "/var/spool/cron/*"}},
        {.name = "cron",
         .picks = Picks::run_parts,
         .places = {"/etc/cron.hourly/*", "/etc/cron.daily/*", "/etc/cron.weekly/*", "/etc/cron.monthly/*"}},
        {.name = "anacron", .syntax = Syntax::anacrontab, .places = {"/etc/anacrontab"}},
        {.name = "SystemTap",
         .syntax = Syntax::systemtap,
         .places =
             {"/root/*.st*p",
              "/etc/*.st*p",
              "/etc/systemtap/*.st*p",
              "/etc/systemtap/script.d/*.st*p",
              "/usr/local/bin/*.st*p",
              "/usr/local/sbin/*.st*p"}},
    };
    return rows;
}

/// Mechanisms that run commands or create profiles when an interface appears or disappears.
const std::vector<HostMechanism>& network_events() {
    static const std::vector<HostMechanism> rows = {
        {.name = "NetworkManager's dispatcher",
         .picks = Picks::dispatcher,
         .places =
             {"/usr/lib/NetworkManager/dispatcher.d/*",
              "/usr/lib/NetworkManager/dispatcher.d/pre-up.d/*",
              "/usr/lib/NetworkManager/dispatcher.d/pre-down.d/*",
              "/usr/lib/NetworkManager/dispatcher.d/no-wait.d/*",
              "/etc/NetworkManager/dispatcher.d/*",
              "/etc/NetworkManager/dispatcher.d/pre-up.d/*",
              "/etc/NetworkManager/dispatcher.d/pre-down.d/*",
              "/etc/NetworkManager/dispatcher.d/no-wait.d/*"},
         .shadows = true},
        {.name = "networkd-dispatcher",
         .picks = Picks::executable,
         .places = {"/usr/lib/networkd-dispatcher/*.d/*", "/etc/networkd-dispatcher/*.d/*"},
         .shadows = true},
        {.name = "ifupdown",
         .syntax = Syntax::interfaces,
         .places = {"/etc/network/interfaces", "/etc/network/interfaces.d/*"}},
        {.name = "ifupdown",
         .picks = Picks::run_parts,
         .places =
             {"/etc/network/if-pre-up.d/*",
              "/etc/network/if-up.d/*",
              "/etc/network/if-down.d/*",
              "/etc/network/if-post-down.d/*"}},
        {.name = "network-scripts",
         .picks = Picks::executable,
         .places =
             {"/sbin/ifup-local",
              "/sbin/ifup-pre-local",
              "/sbin/ifdown-local",
              "/sbin/ifdown-pre-local",
              "/etc/sysconfig/network-scripts/ifup*",
              "/etc/sysconfig/network-scripts/ifdown*"}},
        {.name = "dhclient",
         .places =
             {"/etc/dhcp/dhclient-enter-hooks",
              "/etc/dhcp/dhclient-exit-hooks",
              "/etc/dhcp/dhclient-enter-hooks.d/*",
              "/etc/dhcp/dhclient-exit-hooks.d/*",
              "/etc/dhcp/dhclient.d/*.sh",
              "/etc/dhcp/dhclient-up-hooks",
              "/etc/dhcp/dhclient-*-up-hooks"}},
        {.name = "dhcpcd",
         .places =
             {"/lib/dhcpcd/dhcpcd-hooks/*",
              "/usr/lib/dhcpcd/dhcpcd-hooks/*",
              "/usr/share/dhcpcd/hooks/*",
              "/etc/dhcpcd.enter-hook",
              "/etc/dhcpcd.exit-hook"}},
        {.name = "ppp",
         .picks = Picks::executable,
         .places =
             {"/etc/ppp/ip-up",
              "/etc/ppp/ip-down",
              "/etc/ppp/ipv6-up",
              "/etc/ppp/ipv6-down",
              "/etc/ppp/ip-pre-up",
              "/etc/ppp/ip-up.local",
              "/etc/ppp/ip-down.local",
              "/etc/ppp/ipv6-up.local",
              "/etc/ppp/ipv6-down.local"}},
        {.name = "ppp",
         .picks = Picks::run_parts,
         .places =
             {"/etc/ppp/ip-up.d/*",
              "/etc/ppp/ip-down.d/*",
              "/etc/ppp/ipv6-up.d/*",
              "/etc/ppp/ipv6-down.d/*"}},
        {.name = "wg-quick", .syntax = Syntax::wg_quick, .places = {"/etc/wireguard/*.conf"}},
        {.name = "OpenVPN",
         .syntax = Syntax::openvpn,
         .places = {"/etc/openvpn/*.conf", "/etc/openvpn/client/*.conf", "/etc/openvpn/server/*.conf"}},
        {.name = "keepalived",
         .syntax = Syntax::keepalived,
         .places = {"/etc/keepalived/keepalived.conf", "/etc/keepalived/conf.d/*.conf"}},
        {.name = "ifplugd", .picks = Picks::run_parts, .places = {"/etc/ifplugd/action.d/*"}},
        {.name = "libvirt",
         .picks = Picks::executable,
         .places = {"/etc/libvirt/hooks/network", "/etc/libvirt/hooks/network.d/*"}},
        {.name = "systemd's sleep hooks",
         .picks = Picks::executable,
         .places = {"/usr/lib/systemd/system-sleep/*", "/etc/systemd/system-sleep/*"}},
        {.name = "netplan",
         .syntax = Syntax::profile,
         .places =
             {"/lib/netplan/*.yaml", "/usr/lib/netplan/*.yaml", "/run/netplan/*.yaml", "/etc/netplan/*.yaml"},
         .shadows = true},
        {.name = "nmstate",
         .syntax = Syntax::profile,
         .places = {"/etc/nmstate/*.yml", "/etc/nmstate/*.yaml"}},
        {.name = "ifcfg files",
         .syntax = Syntax::profile,
         .places = {"/etc/sysconfig/network-scripts/ifcfg-*"}},
    };
    return rows;
}

} // namespace

const std::vector<HostMechanism>& host_mechanisms() {
    static const std::vector<HostMechanism> all = [] {
        std::vector<HostMechanism> rows = value_files();
        for (const auto* part : {&boot_commands(), &network_events()}) {
            rows.insert(rows.end(), part->begin(), part->end());
        }
        return rows;
    }();
    return all;
}

const HostMechanism& started_scripts() {
    static const HostMechanism scripts{.name = "started scripts"};
    return scripts;
}

const HostMechanism& loaded_values() {
    static const HostMechanism values{.name = "files that sysctl reads", .syntax = Syntax::sysctl};
    return values;
}

} // namespace keeper
