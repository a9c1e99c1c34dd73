# Completion of gantry for bash: commands, names of containers and images.
_gantry() {
  local current=${COMP_WORDS[COMP_CWORD]} command='' word i connection=()
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    case $word in
      -H | --host) connection=(-H "${COMP_WORDS[++i]}") ;;
      -*) ;;
      *) command=$word && break ;;
    esac
  done
  case $command in
    '') mapfile -t COMPREPLY < <(compgen -W 'attach create daemon events exec history images import info inspect kill load logs pause ps rename restart rm rmi run save start stop tag top unpause update version wait container image network system volume' -- "$current") ;;
    attach | exec | kill | logs | pause | rename | restart | rm | start | stop | top | unpause | wait)
      mapfile -t COMPREPLY < <(compgen -W "$(gantry "${connection[@]}" ps -a --format '{{.Names}}' 2>/dev/null)" -- "$current") ;;
    run | create | history | rmi | save | tag)
      mapfile -t COMPREPLY < <(compgen -W "$(gantry "${connection[@]}" images --format '{{.Repository}}:{{.Tag}}' 2>/dev/null)" -- "$current") ;;
    inspect)
      mapfile -t COMPREPLY < <(compgen -W "$(gantry "${connection[@]}" ps -a --format '{{.Names}}' 2>/dev/null; gantry "${connection[@]}" images --format '{{.Repository}}:{{.Tag}}' 2>/dev/null)" -- "$current") ;;
    load) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
  esac
}
complete -o bashdefault -o default -F _gantry gantry
