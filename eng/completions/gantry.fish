# Completion of gantry for fish: commands, names of containers and images.
set -l commands attach commit compose cp create daemon diff events exec export history images import info inspect kill load login logout logs manifest pause ps pull push rename restart rm rmi run save search start stats stop tag top unpause update version wait container image network system volume
complete -c gantry -f -n "not __fish_seen_subcommand_from $commands" -a "$commands"
complete -c gantry -f -n '__fish_seen_subcommand_from attach exec kill logs pause rename restart rm start stop top unpause wait inspect' -a '(gantry ps -a --format "{{.Names}}" 2>/dev/null)'
complete -c gantry -f -n '__fish_seen_subcommand_from run create history rmi save tag' -a '(gantry images --format "{{.Repository}}:{{.Tag}}" 2>/dev/null)'
complete -c gantry -f -n '__fish_seen_subcommand_from compose' -a 'attach build commit config cp create down events exec export graph images kill logs ls pause port ps pull push restart rm run scale start stats stop top unpause up version volumes wait watch'
