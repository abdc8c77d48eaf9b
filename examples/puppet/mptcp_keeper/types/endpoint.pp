# An endpoint of the path manager.
type Mptcp_keeper::Endpoint = Struct[{
  'address'             => Pattern[/\A[0-9a-fA-F:.]+\z/],
  Optional['interface'] => Pattern[/\A[^\/\s]{1,15}\z/],
  Optional['flags']     => Array[Enum['signal', 'subflow', 'backup', 'fullmesh', 'laminar'], 1],
  Optional['port']      => Integer[1, 65535],
  Optional['id']        => Integer[1, 255],
  Optional['state']     => Enum['absent'],
}]
