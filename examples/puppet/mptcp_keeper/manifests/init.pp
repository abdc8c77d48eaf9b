# @summary Declares a host's Multipath TCP with mptcp-keeper.
#
# The sections have the meaning of mptcp-keeper.yaml(5). Puppet refuses a wrong type before it changes anything, and
# `mptcp-keeper check` refuses the file before it replaces the old one.
#
# @param sysctl          values below net.mptcp.
# @param limits          limits of each connection
# @param profiles        rules for profiles of NetworkManager, in their order
# @param endpoints       addresses that NetworkManager does not hand to MPTCP
# @param applications    units that use MPTCP
# @param reconcile       mode and interval of the daemon
# @param metrics         the textfile for node_exporter
# @param other           further sections of the file, which only `mptcp-keeper check` validates
# @param file            the file that Puppet writes; other files in conf.d can be managed by something else
# @param repair_drift    whether a run applies the configuration if the host differs from it; with `noop` it reports that
# @param manage_package  whether to install the package
# @param package_ensure  as for the type package
# @param manage_service  whether to enable and start the daemon and the boot unit
# @param program         the program that validates and applies
class mptcp_keeper (
  Optional[Hash[Pattern[/\A(net\.mptcp\.)?[a-z0-9_]+\z/], Optional[Variant[Boolean, Integer, String]]]] $sysctl = undef,
  Optional[Mptcp_keeper::Limits] $limits = undef,
  Optional[Array[Mptcp_keeper::Rule]] $profiles = undef,
  Optional[Array[Mptcp_keeper::Endpoint]] $endpoints = undef,
  Optional[Hash[String[1], Any]] $applications = undef,
  Optional[Struct[{
    Optional['mode']     => Enum['enforce', 'report', 'manual'],
    Optional['interval'] => Pattern[/\A[0-9]{1,9}(\.[0-9]{1,3})?(ms|s|m|h)\z/],
  }]] $reconcile = undef,
  Optional[Struct[{
    Optional['textfile'] => Pattern[/\A\/.+\.prom\z/],
    Optional['counters'] => Boolean,
  }]] $metrics = undef,
  Hash[String[1], Any] $other = {},
  Pattern[/\A\/etc\/mptcp-keeper\/(config\.yaml|conf\.d\/[^\/]+\.ya?ml)\z/]
    $file = '/etc/mptcp-keeper/conf.d/50-puppet.yaml',
  Boolean $repair_drift = true,
  Boolean $manage_package = true,
  String[1] $package_ensure = 'installed',
  Boolean $manage_service = true,
  Pattern[/\A\/\S+\z/] $program = '/usr/sbin/mptcp-keeper',
) {
  $sections = {
    'sysctl'       => $sysctl,
    'limits'       => $limits,
    'profiles'     => $profiles,
    'endpoints'    => $endpoints,
    'applications' => $applications,
    'reconcile'    => $reconcile,
    'metrics'      => $metrics,
  }.filter |$name, $value| { $value =~ NotUndef } + $other
  $folders = $file ? {
    /conf\.d/ => ['/etc/mptcp-keeper', '/etc/mptcp-keeper/conf.d'],
    default   => ['/etc/mptcp-keeper'],
  }

  if $manage_package {
    package { 'mptcp-keeper':
      ensure => $package_ensure,
      before => File[$file],
    }
  }

  file {
    default:
      owner => 'root',
      group => 'root';
    $folders:
      ensure => directory,
      mode   => '0755';
    $file:
      ensure       => file,
      mode         => '0644',
      content      => "# Managed by Puppet, class mptcp_keeper.\n${mptcp_keeper::to_yaml($sections)}",
      validate_cmd => "${program} check %";
  }

  # A running daemon takes the configuration over from this command.
  exec { 'mptcp-keeper: apply the new configuration':
    command     => "${program} apply",
    refreshonly => true,
    subscribe   => File[$file],
  }

  if $repair_drift {
    # Before the first installation there is nothing to compare. A daemon that has not loaded the files, since a run was
    # interrupted, counts as drift. Unlike `command`, `unless` also runs with noop.
    $is_loaded = "! ${program} --json status | grep -q \"\\\"loaded\\\": false\""
    exec { 'mptcp-keeper: repair drift':
      command => "${program} apply",
      unless  => "/bin/sh -c 'PATH=/usr/bin:/bin; test ! -x ${program} || { ${program} diff && ${is_loaded}; }'",
      require => Exec['mptcp-keeper: apply the new configuration'],
    }
  }

  if $manage_service {
    service { ['mptcp-keeper-boot', 'mptcp-keeper']:
      ensure  => running,
      enable  => true,
      require => Exec['mptcp-keeper: apply the new configuration'],
    }
  }
}
