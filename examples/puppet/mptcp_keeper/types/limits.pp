# Limits of each MPTCP connection; undef withdraws the value of an earlier file.
type Mptcp_keeper::Limits = Struct[{
  Optional['subflows']          => Optional[Integer[0, 64]],
  Optional['add_addr_accepted'] => Optional[Integer[0, 64]],
}]
