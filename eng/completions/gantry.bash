# Completion of gantry for bash. The program itself knows its commands and flags, and the names of containers, images, volumes and networks.
_gantry() {
  local current=${COMP_WORDS[COMP_CWORD]} reply
  mapfile -t reply < <("${COMP_WORDS[0]}" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  COMPREPLY=()
  # Bash takes a colon for the end of a word: what is before it is not repeated.
  local prefix=
  [[ $current != *:* || $COMP_WORDBREAKS != *:* ]] || prefix=${current%"${current##*:}"}
  local each
  for each in "${reply[@]}"; do COMPREPLY+=("${each#"$prefix"}"); done
}
complete -o bashdefault -o default -F _gantry gantry
