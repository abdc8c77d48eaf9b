# A flag of connection.mptcp-flags, as nmcli(1) names it.
type Mptcp_keeper::Flag = Enum[
  'disabled', 'enabled', 'also-without-sysctl', 'also-without-default-route',
  'signal', 'subflow', 'backup', 'fullmesh', 'laminar', 'default'
]
