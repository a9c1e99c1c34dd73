#compdef gantry
# Completion of gantry for zsh. The program itself knows its commands and flags, and the names of containers, images, volumes and networks.
_gantry() {
  local -a found
  found=(${(f)"$("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)"})
  if ((${#found})); then compadd -a found; else _files; fi
}
if [[ $funcstack[1] == _gantry ]]; then _gantry "$@"; else compdef _gantry gantry; fi
