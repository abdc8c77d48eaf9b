# bash completion for mptcp-keeper
# shellcheck shell=bash

_mptcp_keeper() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} word command=
    local global='--config --root --json --log-level --version --help' options
    COMPREPLY=()
    case $previous in
    --config)
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        return
        ;;
    --root)
        mapfile -t COMPREPLY < <(compgen -d -- "$current")
        return
        ;;
    --log-level)
        mapfile -t COMPREPLY < <(compgen -W 'error warning info debug' -- "$current")
        return
        ;;
    --only)
        mapfile -t COMPREPLY < <(compgen -W 'sysctl limits endpoints profiles applications' -- "$current")
        return
        ;;
    esac
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case $word in
        check | diff | apply | status | monitor | connections | reset | doctor | export | run | config | schema | daemon)
            command=$word
            break
            ;;
        esac
    done
    options=$global
    case $command in
    '') [[ $current == -* ]] || options='check diff apply status monitor connections reset doctor export run config schema daemon' ;;
    apply) options+=' --dry-run --only --boot --atomic --strict --restart-units --detailed-exitcodes' ;;
    status) options+=' --watch --interval' ;;
    doctor) options+=' --probe --pid --unit' ;;
    monitor) options+=' --timestamps' ;;
    connections) options+=' --watch --port' ;;
    export) options+=' --leftovers' ;;
    run) options='--' ;;
    check)
        if [[ $current != -* ]]; then
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            return
        fi
        ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
}
complete -o filenames -F _mptcp_keeper mptcp-keeper
