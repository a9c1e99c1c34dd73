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
    '') mapfile -t COMPREPLY < <(compgen -W 'attach commit compose cp create daemon diff events exec export history images import info inspect kill load login logout logs manifest pause ps pull push rename restart rm rmi run save search start stats stop tag top unpause update version wait container image network system volume' -- "$current") ;;
    attach | commit | cp | diff | exec | export | kill | logs | pause | rename | restart | rm | start | stats | stop | top | unpause | wait)
      mapfile -t COMPREPLY < <(compgen -W "$(gantry "${connection[@]}" ps -a --format '{{.Names}}' 2>/dev/null)" -- "$current") ;;
    run | create | history | pull | push | rmi | save | tag)
      mapfile -t COMPREPLY < <(compgen -W "$(gantry "${connection[@]}" images --format '{{.Repository}}:{{.Tag}}' 2>/dev/null)" -- "$current") ;;
    inspect)
      mapfile -t COMPREPLY < <(compgen -W "$(gantry "${connection[@]}" ps -a --format '{{.Names}}' 2>/dev/null; gantry "${connection[@]}" images --format '{{.Repository}}:{{.Tag}}' 2>/dev/null)" -- "$current") ;;
    compose) mapfile -t COMPREPLY < <(compgen -W 'attach build commit config cp create down events exec export graph images kill logs ls pause port ps pull push restart rm run scale start stats stop top unpause up version volumes wait watch' -- "$current") ;;
    load) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
  esac
}
complete -o bashdefault -o default -F _gantry gantry
