# A rule for profiles of NetworkManager; undef as flags leaves them untouched.
type Mptcp_keeper::Rule = Struct[{
  'match'                => Mptcp_keeper::Match,
  Optional['except']     => Mptcp_keeper::Match,
  'mptcp-flags'          => Optional[Variant[Mptcp_keeper::Flag, Array[Mptcp_keeper::Flag, 1]]],
  Optional['activation'] => Enum['auto', 'reapply', 'defer'],
}]
