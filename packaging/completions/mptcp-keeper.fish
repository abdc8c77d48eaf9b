# fish completion for mptcp-keeper
set -l commands check diff apply status reset doctor export run config schema daemon

complete -c mptcp-keeper -f
complete -c mptcp-keeper -l config -r -F -d 'Read this file and no other'
complete -c mptcp-keeper -l root -r -a '(__fish_complete_directories)' -d 'Work on the unbooted tree below'
complete -c mptcp-keeper -l json -d 'One JSON document on standard output'
complete -c mptcp-keeper -l log-level -x -a 'error warning info debug' -d 'How much is said'
complete -c mptcp-keeper -l version -d 'Print the version'
complete -c mptcp-keeper -s h -l help -d 'Print the help'

complete -c mptcp-keeper -n "not __fish_seen_subcommand_from $commands" -a check -d 'Validate the configuration'
complete -c mptcp-keeper -n "not __fish_seen_subcommand_from $commands" -a diff -d 'What apply would change'
complete -c mptcp-keeper -n "not __fish_seen_subcommand_from $commands" -a apply -d 'Make the host what is declared'
complete -c mptcp-keeper -n "not __fish_seen_subcommand_from $commands" -a status -d 'Desired against observed'
complete -c mptcp-keeper -n "not __fish_seen_subcommand_from $commands" -a reset -d 'Put back what was there before'
complete -c mptcp-keeper -n "not __fish_seen_subcommand_from $commands" -a doctor -d 'Why is this not MPTCP'
complete -c mptcp-keeper -n "not __fish_seen_subcommand_from $commands" -a export -d 'This host as a configuration'
complete -c mptcp-keeper -n "not __fish_seen_subcommand_from $commands" -a run -d 'Run a program with MPTCP sockets'
complete -c mptcp-keeper -n "not __fish_seen_subcommand_from $commands" -a config -d 'The merged configuration'
complete -c mptcp-keeper -n "not __fish_seen_subcommand_from $commands" -a schema -d 'The JSON Schema'
complete -c mptcp-keeper -n "not __fish_seen_subcommand_from $commands" -a daemon -d 'Apply, then watch and repair'

complete -c mptcp-keeper -n '__fish_seen_subcommand_from check' -F
complete -c mptcp-keeper -n '__fish_seen_subcommand_from status' -l watch -d 'Look again and again'
complete -c mptcp-keeper -n '__fish_seen_subcommand_from status' -l interval -x -d 'Between two looks'
complete -c mptcp-keeper -n '__fish_seen_subcommand_from doctor' -l probe -x -d 'Open a connection to HOST:PORT'
complete -c mptcp-keeper -n '__fish_seen_subcommand_from doctor' -l pid -x -a '(__fish_complete_pids)' -d 'Look at this process too'
complete -c mptcp-keeper -n '__fish_seen_subcommand_from doctor' -l unit -x -d 'Look at this unit too'
complete -c mptcp-keeper -n '__fish_seen_subcommand_from export' -l leftovers -d 'The files that the keeper makes superfluous'
complete -c mptcp-keeper -n '__fish_seen_subcommand_from apply' -l dry-run -d 'Change nothing, say what would be done'
complete -c mptcp-keeper -n '__fish_seen_subcommand_from apply' -l only -x -a 'sysctl limits endpoints profiles applications' -d 'Only these kinds'
complete -c mptcp-keeper -n '__fish_seen_subcommand_from apply' -l boot -d 'Only what needs neither interface nor D-Bus'
complete -c mptcp-keeper -n '__fish_seen_subcommand_from apply' -l atomic -d 'Take everything back if something fails'
complete -c mptcp-keeper -n '__fish_seen_subcommand_from apply' -l strict -d 'What this host is too old for is a failure'
complete -c mptcp-keeper -n '__fish_seen_subcommand_from apply' -l detailed-exitcodes -d 'Exit 2 where something was changed'
