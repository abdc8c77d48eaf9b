# puppet apply --modulepath /etc/puppet/code/modules --show_diff [--noop] site.pp
class { 'mptcp_keeper':
  sysctl    => { 'enabled' => true },
  limits    => { 'subflows' => 4, 'add_addr_accepted' => 4 },
  profiles  => [
    { 'match' => { 'type' => 'ethernet' }, 'mptcp-flags' => ['signal', 'subflow', 'also-without-default-route'] },
    { 'match' => { 'name' => ['mgmt', 'vpn*'] }, 'mptcp-flags' => 'disabled' },
  ],
  endpoints => [{ 'address' => '203.0.113.7', 'flags' => ['signal'] }],
}
