# Which profiles of NetworkManager a rule concerns: all keys must hold, and one of the values of each key.
type Mptcp_keeper::Match = Struct[{
  Optional['name']      => Variant[String[1], Array[String[1], 1]],
  Optional['uuid']      => Variant[String[1], Array[String[1], 1]],
  Optional['interface'] => Variant[String[1], Array[String[1], 1]],
  Optional['type']      => Variant[String[1], Array[String[1], 1]],
}]
